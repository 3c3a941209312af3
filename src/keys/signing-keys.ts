import { readFile } from 'node:fs/promises';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Keys, Secrecy, Store } from '../storage/index.ts';
import { loadOrCreateSealed } from './sealed-record.ts';

/** Private keys: the first signs access tokens, all are published. */
export interface SigningKeys {
  readonly jwks: { keys: JWK[] };
  readonly algorithm: string;
}

export interface KeyRing {
  readonly store: Store;
  readonly keys: Keys;
  readonly secrecy: Secrecy;
}

export async function loadSigningKeys(ring: KeyRing, file: string | undefined): Promise<SigningKeys> {
  const jwks = file ? await readJwks(file) : await loadOrCreateSealed(ring, ring.keys.signingKeys(), createJwks);
  const algorithm = jwks.keys[0]?.alg;
  if (!algorithm) throw new SigningKeysInvalid('its first key names no "alg"');
  return { jwks, algorithm };
}

/** ES256: the smallest signature every gateway library verifies, and the fastest to make (a token travels with every call). */
async function createJwks(): Promise<{ keys: JWK[] }> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { keys: [{ ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' }] };
}

async function readJwks(file: string): Promise<{ keys: JWK[] }> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new SigningKeysInvalid(`it cannot be read (${cause.code})`);
  });
  const jwks = parse(text);
  const keys = Array.isArray(jwks?.keys) ? (jwks.keys as JWK[]) : [];
  if (keys.length === 0) throw new SigningKeysInvalid('it holds no keys');
  if (!keys.every((key) => key.kty !== 'oct' && (key.d ?? key.priv))) {
    throw new SigningKeysInvalid('every key must be private and asymmetric');
  }
  return { keys: await Promise.all(keys.map(async (key) => ({ kid: await calculateJwkThumbprint(key), ...key }))) };
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    throw new SigningKeysInvalid('it is not JSON');
  }
}

/** One sentence without any of the file's content. */
export class SigningKeysInvalid extends Error {
  override readonly name = 'SigningKeysInvalid';
  readonly code = 'SIGNING_KEYS_INVALID';

  constructor(reason: string) {
    super(`SIGNING_KEYS_FILE must be a JWKS of private keys: ${reason}.`);
  }
}
