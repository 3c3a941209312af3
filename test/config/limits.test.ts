import { describe, expect, it } from '@jest/globals';
import { fileIssuesOf, loadWith, policyFile } from './refusal.ts';

describe('limits', () => {
  it('may be none where there is one for a connection', () => {
    expect(
      loadWith({}, JSON.stringify(policyFile({ limits: { renewalsPerHour: 0 } }))).policy.limits.renewalsPerHour,
    ).toBe(0);
  });

  it.each([
    ['below nothing', { renewalsPerHour: -1 }, 'limits.renewalsPerHour: must be a whole number, 0 or more'],
    ['a part', { renewalsPerHour: 1.5 }, 'limits.renewalsPerHour: must be a whole number, 0 or more'],
    ['a text', { renewalsPerHour: '240' }, 'limits.renewalsPerHour: must be a whole number, 0 or more'],
    ['unknown', { renewalPerHour: 1 }, 'limits.renewalPerHour: is not a known member; did you mean renewalsPerHour?'],
    [
      'a part of a registration',
      { registrationsPerMinute: 0.5 },
      'limits.registrationsPerMinute: must be a whole number, 0 or more',
    ],
    [
      'fewer than none',
      { authorizationsPerMinute: -9 },
      'limits.authorizationsPerMinute: must be a whole number, 0 or more',
    ],
    ['endless', { tokenFailuresPerMinute: 1e300 }, 'limits.tokenFailuresPerMinute: must be a whole number, 0 or more'],
    [
      'off for hosted clients by a word',
      { hostedPerMinute: 'off' },
      'limits.hostedPerMinute: must be a whole number, 0 or more',
    ],
    ['for a host that is an URL', { hostedClients: ['https://claude.ai'] }, 'limits.hostedClients[0]: must be a host'],
    ['for one host alone', { hostedClients: 'claude.ai' }, 'limits.hostedClients: must be a list of hosts'],
    [
      'for a network by a name',
      { hostedNetworks: ['claude.ai'] },
      'limits.hostedNetworks[0]: must be an address or a network',
    ],
    [
      'for a network without a mask',
      { hostedNetworks: ['10.0.0.0/33'] },
      'limits.hostedNetworks[0]: must be an address or a network',
    ],
    [
      'for one network alone',
      { hostedNetworks: '10.0.0.0/8' },
      'limits.hostedNetworks: must be a list of addresses and networks',
    ],
    ['no object', 240, 'limits: must be an object'],
  ])('are not %s', (_name, limits, issue) => {
    expect(fileIssuesOf({ limits })).toEqual([issue]);
  });
});
