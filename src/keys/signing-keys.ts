import { readFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { RecordNames, Store, Vault } from '../storage/index.ts';
import { keyId } from './key-id.ts';
import { findKeyIssues } from './key-issues.ts';
import { loadOrCreateSealed } from './sealed-record.ts';

/** Private keys: the first signs access tokens, all are published. */
export interface SigningKeys {
  readonly jwks: { keys: JWK[] };
  readonly algorithm: string;
}

export interface StorageContext {
  readonly store: Store;
  readonly names: RecordNames;
  readonly vault: Vault;
}

export async function loadSigningKeys(storage: StorageContext, file: string | undefined): Promise<SigningKeys> {
  const jwks = file ? await readJwks(file) : await loadOrCreateSealed(storage, storage.names.signingKeys(), createJwks);
  const algorithm = jwks.keys[0]?.alg;
  if (!algorithm) throw new Error('The first signing key of the store names no "alg".');
  return { jwks, algorithm };
}

/** ES256: the smallest signature every gateway library verifies, and the fastest to make (a token travels with every call). */
async function createJwks(): Promise<{ keys: JWK[] }> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { keys: [{ ...jwk, kid: keyId(jwk), alg: 'ES256', use: 'sig' }] };
}

async function readJwks(file: string): Promise<{ keys: JWK[] }> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new SigningKeysInvalid(`names a file that cannot be read: ${file} (${cause.code})`);
  });
  const [issue] = findKeyIssues(text);
  if (issue) throw new SigningKeysInvalid(issue);
  const { keys } = JSON.parse(text) as { keys: JWK[] };
  return { keys: keys.map((key) => ({ kid: keyId(key), ...key })) };
}

/** For a configuration that `loadConfig` did not judge; one sentence without any of the file's content. */
class SigningKeysInvalid extends Error {
  override readonly name = 'SigningKeysInvalid';
  readonly code = 'SIGNING_KEYS_INVALID';

  constructor(issue: string) {
    super(`SIGNING_KEYS_FILE ${issue}.`);
  }
}
