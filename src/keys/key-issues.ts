import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign, verify } from 'node:crypto';
import type { JWK } from 'jose';
import { keyId } from './key-id.ts';
import { publicPart } from './public-keys.ts';

/**
 * What is wrong with a private JWKS, in sentences without any of its content. oidc-provider would say some of it, to
 * programmers, and some only when the first token is signed.
 */
export function findKeyIssues(text: string): string[] {
  const keys = readKeys(text);
  if (typeof keys === 'string') return [keys];
  const issues = keys.flatMap((key, index) => {
    const issue = findIssue(key);
    return issue === undefined ? [] : [`key ${index + 1} ${issue}`];
  });
  return issues.length > 0 ? issues : findTwins(keys);
}

function readKeys(text: string): JWK[] | string {
  let jwks: { readonly keys?: unknown } | null;
  try {
    jwks = JSON.parse(text);
  } catch {
    return 'names a file that is not JSON';
  }
  return Array.isArray(jwks?.keys) && jwks.keys.length > 0
    ? jwks.keys
    : 'names a file that holds no keys: it must be a JWKS';
}

/** By kind: what a key may say it is for. */
const algorithms = new Map([
  ['EC P-256', ['ES256']],
  ['EC P-384', ['ES384']],
  ['EC P-521', ['ES512']],
  ['RSA', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['OKP Ed25519', ['EdDSA', 'Ed25519']],
  ['AKP', ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87']],
]);
const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isList = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isText);

function findIssue(key: JWK | null): string | undefined {
  const known = algorithms.get([key?.kty, key?.crv].filter((part) => part !== undefined).join(' '));
  if (!key || !known) return `is of no kind that signs: use one of ${[...algorithms.keys()].join(', ')}`;
  if (!(key.d ?? key.priv)) return 'is not private';
  if (!key.alg) return `names no "alg": use ${known.join(' or ')}`;
  if (!known.includes(key.alg)) return `has an "alg" that its kind does not sign with: use ${known.join(' or ')}`;
  return findMemberIssue(key) ?? findUnfitPair(key);
}

function findMemberIssue(key: JWK): string | undefined {
  if (key.use !== undefined && key.use !== 'sig') return 'has a "use" that is not sig';
  if (key.kid !== undefined && !isText(key.kid)) return 'has a "kid" that is not text';
  const list = (['key_ops', 'x5c'] as const).find((name) => key[name] !== undefined && !isList(key[name]));
  return list && `has a "${list}" that is not a list of texts`;
}

const probe = Buffer.from('signed and verified once, before anybody relies on it');

function findUnfitPair(key: JWK): string | undefined {
  try {
    const privateKey = readKey(createPrivateKey, key);
    if ((privateKey.asymmetricKeyDetails?.modulusLength ?? 2048) < 2048) return 'is shorter than 2048 bits';
    if (verify(null, probe, readKey(createPublicKey, publicPart(key)), sign(null, probe, privateKey))) return undefined;
    return noPair;
  } catch {
    // Node 26 finds out when it reads an EC key; earlier ones read it all the same.
    return key.kty === 'EC' && isReadable(publicPart(key)) ? noPair : 'is damaged: members are missing or wrong';
  }
}

const noPair = 'is no pair: what its private part signs, its public part does not verify';

function isReadable(publicKey: JWK): boolean {
  try {
    return readKey(createPublicKey, publicKey).type === 'public';
  } catch {
    return false;
  }
}

function readKey(create: typeof createPrivateKey | typeof createPublicKey, key: JWK): KeyObject {
  return create({ key: key as JsonWebKey, format: 'jwk' });
}

function findTwins(keys: readonly JWK[]): string[] {
  const ids = keys.map(keyId);
  return ids.flatMap((id, index) => {
    const first = ids.indexOf(id);
    return first === index ? [] : [`key ${index + 1} has the same identity ("kid") as key ${first + 1}`];
  });
}
