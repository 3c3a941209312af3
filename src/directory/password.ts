import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { createSemaphore } from '../semaphore.ts';
import { DirectoryError } from './directory-error.ts';
import { PasswordsOverloaded } from './overloaded.ts';
import { type Argon2Parameters, formatPasswordHash, parsePasswordHash } from './password-hash.ts';

export interface PasswordHasher {
  /** Throws `DirectoryError` when the password is too short or too long to be set, `PasswordsOverloaded` in a crowd. */
  hashPassword(password: string): Promise<string>;
  verifyPassword(password: string, stored: string): Promise<boolean>;
  /** The work of a verification without an account; the answer is always no. */
  verifyAgainstNobody(password: string): Promise<boolean>;
  needsRehash(stored: string): boolean;
}

// OWASP lists 19 MiB × 2 and 46 MiB × 1 as equally strong. The smaller memory, because sign-ins run at once: three of
// them then hold 57 MiB. About 35 ms on one core of the machine this was measured on.
export const argon2Parameters: Argon2Parameters = { memoryKiB: 19_456, passes: 2, parallelism: 1 };

const saltBytes = 16; // RFC 9106 §3.1 recommends 16 for passwords.
const hashBytes = 32;
export const minCharacters = 8; // NIST SP 800-63B (revision 3) §5.1.1.2: 8 at least, and no composition rules.
const maxCharacters = 1024;
// The longest spelling of 1024 characters before normalisation composes them. Beyond it nothing is even normalised.
const maxUnnormalizedLength = 4 * maxCharacters;

// The asynchronous form computes on libuv's threads: a sign-in must not stop the token endpoint for 35 ms.
const computeArgon2 = promisify(argon2);
// Of the four threads that libuv has (unless UV_THREADPOOL_SIZE says otherwise) one stays free: signatures and look-ups of
// host names must not wait behind a crowd that signs in.
const hashing = createSemaphore(3);

/** `waiting`: at most so many passwords wait. 100, three at a time, 35 ms each, are a little over a second. */
export function createPasswordHasher(parameters: Argon2Parameters = argon2Parameters, waiting = 100): PasswordHasher {
  const nobody = formatPasswordHash({ ...parameters, salt: Buffer.alloc(saltBytes), hash: Buffer.alloc(hashBytes) });

  async function hashPassword(password: string): Promise<string> {
    const error = findLengthError(password);
    if (error !== undefined) throw new DirectoryError(error);
    const normalized = normalizePassword(password) ?? '';
    const salt = randomBytes(saltBytes);
    const hash = await compute(normalized, salt, hashBytes, parameters, waiting);
    return formatPasswordHash({ ...parameters, salt, hash });
  }

  function needsRehash(stored: string): boolean {
    const { memoryKiB, passes, parallelism } = parsePasswordHash(stored);
    return memoryKiB !== parameters.memoryKiB || passes !== parameters.passes || parallelism !== parameters.parallelism;
  }

  return {
    hashPassword,
    verifyPassword: (password, stored) => verifyPassword(password, stored, waiting),
    verifyAgainstNobody: (password) => verifyPassword(password, nobody, waiting),
    needsRehash,
  };
}

/** Whether it can be set at all. */
export function findLengthError(password: string): 'PASSWORD_TOO_SHORT' | 'PASSWORD_TOO_LONG' | undefined {
  const normalized = normalizePassword(password);
  if (normalized === undefined) return 'PASSWORD_TOO_LONG';
  return [...normalized].length < minCharacters ? 'PASSWORD_TOO_SHORT' : undefined;
}

async function verifyPassword(password: string, stored: string, waiting: number): Promise<boolean> {
  const { salt, hash, ...parameters } = parsePasswordHash(stored);
  const normalized = normalizePassword(password);
  // An overlong password costs what any wrong one costs: not megabytes of hashing, and not a telling instant answer.
  const computed = await compute(normalized ?? '', salt, hash.length, parameters, waiting);
  return timingSafeEqual(computed, hash) && normalized !== undefined;
}

/** NFKC, because keyboards disagree on how to spell `é`; nothing when it is longer than any password that can be set. */
function normalizePassword(password: string): string | undefined {
  if (password.length > maxUnnormalizedLength) return undefined;
  const normalized = password.normalize('NFKC');
  return [...normalized].length > maxCharacters ? undefined : normalized;
}

function compute(
  message: string,
  nonce: Buffer,
  tagLength: number,
  parameters: Argon2Parameters,
  waiting: number,
): Promise<Buffer> {
  const { memoryKiB: memory, passes, parallelism } = parameters;
  const work = () => computeArgon2('argon2id', { message, nonce, tagLength, memory, passes, parallelism });
  return hashing(work, { waiting, tooMany: () => new PasswordsOverloaded() });
}
