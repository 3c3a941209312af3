import { describe, expect, it } from '@jest/globals';
import { fileIssuesOf, policyWith } from './refusal.ts';

const seconds = 'must be a whole number of seconds, 1 or more';
const number = 'must be a whole number, 0 or more';

describe('a lifetime', () => {
  it.each([
    ['a grace of nothing', { refreshGrace: 0 }],
    ['a cap that is one refresh token long', { connection: 2_592_000 }],
    ['short ones in the right order', { refreshGrace: 1, accessToken: 2, refreshToken: 3, connection: 3 }],
  ])('may be %s', (_name, lifetimes) => {
    expect(policyWith({ lifetimes }).lifetimes).toMatchObject(lifetimes);
  });

  it.each<[string, object, string]>([
    ['a text', { accessToken: '3600' }, `accessToken: ${seconds}`],
    ['zero', { accessToken: 0 }, `accessToken: ${seconds}`],
    ['negative', { session: -1 }, `session: ${seconds}`],
    ['a fraction', { interaction: 0.5 }, `interaction: ${seconds}`],
    ['null', { connection: null }, `connection: ${seconds}`],
    ['beyond counting', { refreshGrace: 1e300 }, 'refreshGrace: must be a whole number of seconds, 0 or more'],
    [
      'a code of more than ten minutes',
      { authorizationCode: 601 },
      'authorizationCode: must be 600 seconds or less (RFC 6749 §4.1.2)',
    ],
    [
      'a grace of more than an hour',
      { refreshGrace: 3601, accessToken: 7200 },
      'refreshGrace: must be 3600 seconds or less',
    ],
    [
      'a grace as long as the access token',
      { refreshGrace: 3600 },
      'refreshGrace: must be less than accessToken (3600)',
    ],
    [
      'an access token as long as the refresh token',
      { refreshToken: 3600 },
      'accessToken: must be less than refreshToken (3600)',
    ],
    [
      'a connection that ends before its refresh token',
      { connection: 2_591_999 },
      'connection: must be refreshToken (2592000) or more',
    ],
    [
      'a registration that is gone before its first sign-in can be finished',
      { registrationUnused: 3599 },
      'registrationUnused: must be interaction (3600) or more',
    ],
  ])('is not %s', (_name, lifetimes, issue) => {
    expect(fileIssuesOf({ lifetimes })).toEqual([`lifetimes.${issue}`]);
  });

  it('of a sign-in failure is counted in whole seconds, and failures in whole numbers', () => {
    expect(fileIssuesOf({ signIn: { failuresPerAccount: 0, failuresPerAddress: 1.5, windowSeconds: '900' } })).toEqual([
      'signIn.failuresPerAccount: must be a whole number, 1 or more',
      'signIn.failuresPerAddress: must be a whole number, 1 or more',
      'signIn.windowSeconds: must be a whole number, 1 or more',
    ]);
  });
});

describe('limits', () => {
  it('may be none where there is one for a connection', () => {
    expect(policyWith({ limits: { renewalsPerHour: 0 } }).limits.renewalsPerHour).toBe(0);
  });

  const network = 'hostedNetworks[0]: must be an address or a network';
  it.each<[string, object, string]>([
    ['below nothing', { renewalsPerHour: -1 }, `renewalsPerHour: ${number}`],
    ['a part', { renewalsPerHour: 1.5 }, `renewalsPerHour: ${number}`],
    ['a text', { renewalsPerHour: '240' }, `renewalsPerHour: ${number}`],
    ['unknown', { renewalPerHour: 1 }, 'renewalPerHour: is not a known member; did you mean renewalsPerHour?'],
    ['a part of a registration', { registrationsPerMinute: 0.5 }, `registrationsPerMinute: ${number}`],
    ['fewer than none', { authorizationsPerMinute: -9 }, `authorizationsPerMinute: ${number}`],
    ['endless', { tokenFailuresPerMinute: 1e300 }, `tokenFailuresPerMinute: ${number}`],
    ['off for hosted clients by a word', { hostedPerMinute: 'off' }, `hostedPerMinute: ${number}`],
    ['for a host that is an URL', { hostedClients: ['https://claude.ai'] }, 'hostedClients[0]: must be a host'],
    ['for one host alone', { hostedClients: 'claude.ai' }, 'hostedClients: must be a list of hosts'],
    ['for a network by a name', { hostedNetworks: ['claude.ai'] }, network],
    ['for a network without a mask', { hostedNetworks: ['10.0.0.0/33'] }, network],
    ['for one network alone', { hostedNetworks: '::/8' }, 'hostedNetworks: must be a list of addresses and networks'],
  ])('are not %s', (_name, limits, issue) => {
    expect(fileIssuesOf({ limits })).toEqual([`limits.${issue}`]);
  });

  it('are not no object', () => {
    expect(fileIssuesOf({ limits: 240 })).toEqual(['limits: must be an object']);
  });
});
