import { randomFillSync } from 'node:crypto';

const atOnce = 64;

/**
 * Bytes of the system's generator, taken for many calls at once, as oidc-provider takes those of its identifiers: asking it
 * costs as much as hashing does. Each is handed out once, and not kept.
 */
export function createRandomBytes(length: number): () => Buffer {
  const pool = Buffer.alloc(atOnce * length);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const bytes = Buffer.from(pool.subarray(used, used + length));
    pool.fill(0, used, used + length);
    used += length;
    return bytes;
  };
}

const nonceBytes = createRandomBytes(12);

/** Names one request among all there ever are, so that what it took is told from what another one took. */
export function createNonce(): string {
  return nonceBytes().toString('base64url');
}
