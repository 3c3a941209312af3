import { describe, expect, it } from '@jest/globals';
import type { Configuration } from 'oidc-provider';
import { mergeConfiguration } from '../../src/provider/index.ts';

const merge = (theirs: object, ours: object) => mergeConfiguration(theirs as Configuration, ours as Configuration);

describe('our configuration over that of an existing provider', () => {
  it('wins where both decide', () =>
    expect(merge({ responseTypes: ['code', 'id_token'] }, { responseTypes: ['code'] })).toMatchObject({
      responseTypes: ['code'],
    }));

  it('leaves what we do not decide', () => {
    const theirs = { features: { backchannelLogout: { enabled: true } }, acrValues: ['high'] };

    expect(merge(theirs, { features: { revocation: { enabled: true } } })).toMatchObject({
      features: { backchannelLogout: { enabled: true }, revocation: { enabled: true } },
      acrValues: ['high'],
    });
  });

  it.each([
    ['features.mTLS', { features: { mTLS: { enabled: true } } }],
    ['features.richAuthorizationRequests', { features: { richAuthorizationRequests: { enabled: true } } }],
    ['subjectTypes: pairwise', { subjectTypes: ['public', 'pairwise'] }],
  ])(
    'refuses %s by name: switched off in silence, it would leave tokens weaker than their host believes',
    (name, theirs) => {
      expect(() => merge(theirs, {})).toThrow(name);
      expect(() => merge({ features: { mTLS: { enabled: false } }, subjectTypes: ['public'] }, {})).not.toThrow();
    },
  );

  it.each([
    ['extraTokenClaims', { extraTokenClaims: () => ({}) }],
    ['formats.customizers', { formats: { customizers: { jwt: () => undefined } } }],
  ])('refuses %s by name, which it would never call, and says what takes its place (R113)', (name, theirs) => {
    expect(() => merge(theirs, {})).toThrow(name);
    expect(() => merge(theirs, {})).toThrow('Directory.claimsFor');
    expect(() => merge({ formats: { bitsOfOpaqueRandomness: 256 } }, {})).not.toThrow();
  });

  it.each(['scopes', 'extraParams', 'keys', 'properties'])('adds to %s, ours first, each once', (list) => {
    const merged = { [list]: ['ours', 'both', 'theirs'] };
    for (const theirs of [['theirs', 'both'], new Set(['theirs', 'both'])])
      expect(merge({ [list]: theirs }, { [list]: ['ours', 'both'] })).toMatchObject(merged);
  });

  it('keeps the checks of their extra parameters', () => {
    const theirs = () => undefined;
    const { extraParams } = merge({ extraParams: { theirs } }, { extraParams: ['ours'] });
    expect(extraParams).toEqual({ theirs, ours: undefined });
  });

  it('publishes their keys behind ours, and ours alone where both have the id', () => {
    const theirs = { jwks: { keys: [{ kid: 'theirs' }, { kid: 'same', of: 'theirs' }] } };
    const ours = { jwks: { keys: [{ kid: 'ours' }, { kid: 'same', of: 'ours' }] } };

    expect(merge(theirs, ours).jwks).toEqual({ keys: [...ours.jwks.keys, { kid: 'theirs' }] });
  });

  it('asks their validator about their properties, after ours was asked', () => {
    const asked: string[] = [];
    const note = (who: string) => (_ctx: unknown, name: string) => void asked.push(`${who}: ${name}`);
    const merged = merge(
      { extraClientMetadata: { properties: ['department'], validator: note('theirs') } },
      { extraClientMetadata: { properties: ['software_id'], validator: note('ours') } },
    ).extraClientMetadata;
    for (const name of merged?.properties ?? []) merged?.validator?.(undefined as never, name, undefined, {} as never);

    expect(asked).toEqual(['ours: software_id', 'ours: department', 'theirs: department']);
  });

  it.each(['deviceFlow', 'ciba'])('turns off %s, which our pages could not end', (flow) =>
    expect(merge({ features: { [flow]: { enabled: true } } }, {}).features).toMatchObject({
      [flow]: { enabled: false },
    }),
  );

  it('keeps their clients, and says how one with a secret authenticates (RFC 7591 §2)', () => {
    const clients = [{ client_id: 'theirs' }, { client_id: 'another', client_secret: 'a secret of theirs' }];

    const [theirs, another] = clients;
    const token_endpoint_auth_method = 'client_secret_basic';
    expect(merge({ clients }, {}).clients).toEqual([theirs, { ...another, token_endpoint_auth_method }]);
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
