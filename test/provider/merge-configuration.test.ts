import { describe, expect, it } from '@jest/globals';
import type { Configuration } from 'oidc-provider';
import { mergeConfiguration } from '../../src/provider/index.ts';

const merge = (theirs: object, ours: object) => mergeConfiguration(theirs as Configuration, ours as Configuration);

describe('our configuration over that of an existing provider', () => {
  it('wins where both decide', () => {
    expect(merge({ responseTypes: ['code', 'id_token'] }, { responseTypes: ['code'] })).toMatchObject({
      responseTypes: ['code'],
    });
  });

  it('leaves what we do not decide', () => {
    const theirs = { features: { deviceFlow: { enabled: true } }, acrValues: ['high'] };

    expect(merge(theirs, { features: { revocation: { enabled: true } } })).toMatchObject({
      features: { deviceFlow: { enabled: true }, revocation: { enabled: true } },
      acrValues: ['high'],
    });
  });

  it.each(['scopes', 'extraParams'])('adds to %s, each once', (list) => {
    expect(merge({ [list]: ['theirs', 'both'] }, { [list]: ['both', 'ours'] })).toMatchObject({
      [list]: ['theirs', 'both', 'ours'],
    });
  });

  it('adds to the clients', () => {
    const [theirs, ours] = [{ client_id: 'theirs' }, { client_id: 'ours' }];

    expect(merge({ clients: [theirs] }, { clients: [ours] }).clients).toEqual([theirs, ours]);
  });

  it('changes neither of the two', () => {
    const theirs = { features: { deviceFlow: { enabled: true } } };
    const ours = { features: { revocation: { enabled: true } } };
    merge(theirs, ours);

    expect(theirs).toEqual({ features: { deviceFlow: { enabled: true } } });
    expect(ours).toEqual({ features: { revocation: { enabled: true } } });
  });

  it('takes functions and instances as they are', () => {
    const ours = { findAccount: () => undefined, jwks: new Map() };

    const merged = merge({ jwks: { keys: [] } }, ours) as unknown as typeof ours;

    expect(merged.findAccount).toBe(ours.findAccount);
    expect(merged.jwks).toBe(ours.jwks);
  });
});
