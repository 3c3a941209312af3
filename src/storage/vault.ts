import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { createRandomBytes } from '../random-bytes.ts';
import { isSameSecret } from '../same-secret.ts';

/**
 * What `STORE_SECRET` is for: a stolen database opens nothing. Every purpose has a key of its own,
 * so that a value hashed for one is meaningless for another. Of several secrets the first makes, all open.
 */
export interface Vault {
  /** The name under which a secret is stored: keyed, so that a copy of the store cannot be searched for guesses. */
  readonly hash: Hash;
  /** The same, and under each secret of before. */
  readonly hashers: readonly [Hash, ...Hash[]];
  /** A value that only this server can compute from another, the same one on every node and every retry. */
  derive(kind: string, value: string): string;
  /** Whether it is what was derived from this value, by any of the secrets; takes as long for every wrong one. */
  isDerived(kind: string, value: string, given: string): boolean;
  /** A secret of which only the half that cannot be presented is ever stored. */
  createSplitSecret(): string;
  /** The stored half of a split secret. */
  stripSplitSecret(secret: string): string;
  /** The whole of it again. */
  restoreSplitSecret(stored: string): string;
  /** Encrypts and authenticates (AES-256-GCM); `context` must be the same when decrypting. */
  encrypt(context: string, plaintext: string): string;
  /** Throws when the value was sealed with a secret that is none of these, for another context, or was altered. */
  decrypt(context: string, sealed: string): string;
}

type Hash = (kind: string, value: string) => string;

interface Keys {
  /** Names the secret in what is handed out, and says nothing about it. */
  readonly id: string;
  readonly hash: KeyObject;
  readonly derive: KeyObject;
  readonly seal: KeyObject;
}

/** 128 bits, as base64url, and the name of the secret: the stored half. */
const randomHalfLength = 22;
const idLength = 4;
/** 96 bits (NIST SP 800-38D §8.2.2). */
const gcmNonce = createRandomBytes(12);

/** `secrets`: the first makes, all open. */
export function createVault(...secrets: readonly [string, ...string[]]): Vault {
  const all = secrets.map(deriveKeys);
  const [first] = all as [Keys, ...Keys[]];
  const hasherOf =
    ({ hash }: Keys): Hash =>
    (kind, value) =>
      hmac(hash, kind, value);
  const hashers = all.map(hasherOf) as [Hash, ...Hash[]];
  const split = (half: string, { id, derive }: Keys) => half + id + hmac(derive, 'split-secret', half);

  return {
    hash: hashers[0],
    hashers,
    derive: (kind, value) => hmac(first.derive, kind, value),
    isDerived(kind, value, given) {
      return all.map(({ derive }) => isSameSecret(given, hmac(derive, kind, value))).includes(true);
    },
    createSplitSecret: () => split(randomBytes(16).toString('base64url'), first),
    stripSplitSecret: (whole) => whole.slice(0, randomHalfLength + idLength),
    restoreSplitSecret(stored) {
      const id = stored.slice(randomHalfLength);
      return split(stored.slice(0, randomHalfLength), all.find((keys) => keys.id === id) ?? first);
    },
    encrypt(context, plaintext) {
      const nonce = gcmNonce();
      const cipher = createCipheriv('aes-256-gcm', first.seal, nonce).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return sealed.toString('base64url');
    },
    decrypt: (context, sealed) => decryptWithAny(all, context, Buffer.from(sealed, 'base64url')),
  };
}

function deriveKeys(secret: string): Keys {
  const derive = (purpose: string) => new Uint8Array(hkdfSync('sha256', secret, '', `bkend-mcp-auth ${purpose}`, 32));
  return {
    id: Buffer.from(derive('id')).toString('base64url').slice(0, idLength),
    hash: createSecretKey(derive('hash')),
    derive: createSecretKey(derive('derive')),
    seal: createSecretKey(derive('seal')),
  };
}

function hmac(key: KeyObject, kind: string, value: string): string {
  return createHmac('sha256', key).update(`${kind}\0${value}`).digest('base64url');
}

function decryptWithAny([keys, ...others]: readonly Keys[], context: string, sealed: Buffer): string {
  try {
    return decrypt((keys as Keys).seal, context, sealed);
  } catch (error) {
    if (others.length === 0) throw error;
    return decryptWithAny(others, context, sealed);
  }
}

function decrypt(key: KeyObject, context: string, bytes: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
}
