import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { findKeyIssues } from '../../src/keys/index.ts';

type Jwk = Record<string, unknown>;

const mistakesOf = (...keys: unknown[]) => findKeyIssues(JSON.stringify({ keys }));
const ec = (namedCurve = 'P-256'): Jwk => jwkOf(generateKeyPairSync('ec', { namedCurve }));
const rsa = (modulusLength = 2048): Jwk => jwkOf(generateKeyPairSync('rsa', { modulusLength }));
const jwkOf = ({ privateKey }: ReturnType<typeof generateKeyPairSync>): Jwk => ({
  ...(privateKey as unknown as { export(options: { format: 'jwk' }): Jwk }).export({ format: 'jwk' }),
});
const without = (key: Jwk, ...names: string[]) =>
  Object.fromEntries(Object.entries(key).filter(([name]) => !names.includes(name)));

const good: Jwk = { ...ec(), alg: 'ES256' };
const anotherGood: Jwk = { ...ec(), alg: 'ES256' };

describe('a file of signing keys', () => {
  const named = (key: Jwk, kid: string) => ({ ...key, kid });
  const pss = { ...rsa(), alg: 'PS256', use: 'sig' };
  const edwards = { ...jwkOf(generateKeyPairSync('ed25519')), alg: 'EdDSA' };
  it.each([
    ['of each kind', [good, pss, edwards]],
    ['with names of their own', [named(good, 'a'), named(anotherGood, 'b')]],
  ])('may hold keys %s', (_name, keys) => expect(mistakesOf(...keys)).toEqual([]));

  const noKind = 'is of no kind that signs';
  it.each([
    ['that is no key', null, `${noKind}: use one of EC P-256, EC P-384, EC P-521, RSA, OKP Ed25519, AKP`],
    ['of no kind that signs', { kty: 'oct', alg: 'HS256', k: 'k' }, noKind],
    ['of a kind that objects inherit', { kty: 'constructor' }, noKind],
    ['that is public', without(good, 'd'), 'is not private'],
    ['without algorithm', ec(), 'names no "alg": use ES256'],
    [
      'with the algorithm of another kind',
      { ...ec(), alg: 'RS256' },
      'has an "alg" that its kind does not sign with: use ES256',
    ],
    ['for encryption', { ...good, use: 'enc' }, 'has a "use" that is not sig'],
    ['with a number for a name', { ...good, kid: 5 }, 'has a "kid" that is not text'],
    ['with a broken list', { ...good, key_ops: 'sign' }, 'has a "key_ops" that is not a list of texts'],
    ['that is cut off', { ...good, x: 'eA' }, 'is damaged: members are missing or wrong'],
    ['that lacks what RSA needs', { ...without(rsa(), 'p', 'q'), alg: 'RS256' }, 'is damaged'],
    ['mixed of two', { ...good, d: anotherGood.d }, 'is no pair'],
    ['that is short', { ...rsa(1024), alg: 'RS256' }, 'is shorter than 2048 bits'],
  ])('with a key %s is refused by its number', (_name, key, sentence) =>
    expect(mistakesOf(good, key)).toEqual([expect.stringMatching(`^key 2 ${sentence}`)]),
  );

  it.each([
    ['twice', [good, anotherGood, good], 3],
    ['with and without its name', [named(good, 'k'), named(anotherGood, 'k')], 2],
  ])('with one identity %s is refused', (_name, keys, number) =>
    expect(mistakesOf(...keys)).toEqual([`key ${number} has the same identity ("kid") as key 1`]),
  );

  it('tells of every key at once', () => expect(mistakesOf(ec(), null, good)).toHaveLength(2));

  it.each([
    ['no JSON', 'secret words', 'names a file that is not JSON'],
    ['nothing', 'null', 'names a file that holds no keys: it must be a JWKS'],
    ['no list', '{"keys":{}}', 'names a file that holds no keys: it must be a JWKS'],
    ['no keys', '{"keys":[]}', 'names a file that holds no keys: it must be a JWKS'],
  ])('that holds %s is refused', (_name, text, sentence) => expect(findKeyIssues(text)).toEqual([sentence]));
});
