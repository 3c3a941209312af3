/** The costs of one argon2id computation (RFC 9106 §3.1). */
export interface Argon2Parameters {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

interface PasswordHash extends Argon2Parameters {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const form = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** The PHC string: what is needed to verify stands beside the hash, so the parameters can change at any time. */
export function formatPasswordHash({ memoryKiB, passes, parallelism, salt, hash }: PasswordHash): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

export function parsePasswordHash(stored: string): PasswordHash {
  const match = form.exec(stored);
  // Thrown, not "wrong password": a record that nobody can ever sign in with is the operator's to repair.
  if (!match) throw new Error('A stored password hash is not an argon2id PHC string.');
  const [, memoryKiB, passes, parallelism, salt = '', hash = ''] = match;
  return {
    memoryKiB: Number(memoryKiB),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
