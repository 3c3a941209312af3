import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';

/**
 * What `STORE_SECRET` is for: a stolen database opens nothing (design, decision 4). Every purpose has a key of its own,
 * so that a value hashed for one is meaningless for another.
 */
export interface Secrecy {
  /** The name under which a secret is stored: keyed, so that a copy of the store cannot be searched for guesses. */
  hash(kind: string, value: string): string;
  /** A value that only this server can compute from another, the same one on every node and every retry. */
  derive(kind: string, value: string): string;
  /** A secret of which only the half that cannot be presented is ever stored. */
  createSplitSecret(): string;
  /** The stored half of a split secret. */
  stripSplitSecret(secret: string): string;
  /** The whole of it again. */
  restoreSplitSecret(stored: string): string;
  /** Encrypts and authenticates (AES-256-GCM); `context` must be the same when opening. */
  seal(context: string, plaintext: string): string;
  /** Throws when the value was sealed with another secret, for another context, or was altered. */
  open(context: string, sealed: string): string;
}

/** 128 bits, as base64url: the stored half. */
const storedHalfLength = 22;

export function createSecrecy(secret: string): Secrecy {
  const key = (purpose: string) =>
    createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', `bkend-mcp-auth ${purpose}`, 32)));
  const keys = { hash: key('hash'), derive: key('derive'), seal: key('seal') };
  const hmac = (purpose: 'hash' | 'derive', kind: string, value: string) =>
    createHmac('sha256', keys[purpose]).update(`${kind}\0${value}`).digest('base64url');
  const restore = (stored: string) => stored + hmac('derive', 'split-secret', stored);

  return {
    hash: (kind, value) => hmac('hash', kind, value),
    derive: (kind, value) => hmac('derive', kind, value),
    createSplitSecret: () => restore(randomBytes(16).toString('base64url')),
    stripSplitSecret: (whole) => whole.slice(0, storedHalfLength),
    restoreSplitSecret: restore,
    seal(context, plaintext) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keys.seal, nonce).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return sealed.toString('base64url');
    },
    open(context, sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', keys.seal, bytes.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
    },
  };
}
