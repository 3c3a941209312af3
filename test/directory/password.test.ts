import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { argon2Parameters, createPasswordHasher } from '../../src/directory/index.ts';
import { formatPasswordHash } from '../../src/directory/password-hash.ts';
import { cheapParameters } from '../support/cheap-passwords.ts';

const secret = 'difference engine';
const cheap = createPasswordHasher(cheapParameters);

describe('a stored password', () => {
  it('is an argon2id PHC string with the parameters OWASP asks for', async () => {
    const stored = await createPasswordHasher().hashPassword(secret);
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  });

  it('is salted: the same password is never stored the same way', async () => {
    expect(await cheap.hashPassword(secret)).not.toBe(await cheap.hashPassword(secret));
  });

  it('is made, or looked at, only for as many as can be served soon', async () => {
    const busy = createPasswordHasher(cheapParameters, 2);
    const stored = await cheap.hashPassword(secret);
    const works: (() => Promise<unknown>)[] = [
      () => busy.hashPassword(secret),
      () => busy.verifyPassword(secret, stored),
      () => busy.verifyAgainstNobody(secret),
    ];
    for (const work of works) {
      const done = await Promise.allSettled(Array.from({ length: 50 }, work));
      const refused = done.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      // Three are worked at, two wait.
      expect(refused).toHaveLength(45);
      expect(refused[0]).toMatchObject({ status: 503, error: 'temporarily_unavailable' });
    }
  });

  it('is verified by the right password', async () => {
    expect(await cheap.verifyPassword(secret, await cheap.hashPassword(secret))).toBe(true);
  });

  it.each([
    ['another password', 'analytical engine'],
    ['its beginning', 'difference'],
    ['another letter case', 'Difference Engine'],
    ['nothing', ''],
  ])('is not verified by %s', async (_, password) => {
    expect(await cheap.verifyPassword(password, await cheap.hashPassword(secret))).toBe(false);
  });

  it('is verified by the same characters in another Unicode spelling', async () => {
    const stored = await cheap.hashPassword('crème brûlée'.normalize('NFC'));
    expect(await cheap.verifyPassword('crème brûlée'.normalize('NFD'), stored)).toBe(true);
  });

  // From the test suite of the reference implementation, https://github.com/P-H-C/phc-winner-argon2 (src/test.c).
  it('by the reference implementation of argon2id is understood', async () => {
    const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await cheap.verifyPassword('password', stored)).toBe(true);
    expect(await cheap.verifyPassword('passwort', stored)).toBe(false);
  });

  it('in an unknown form is an error, not a wrong password', async () => {
    await expect(cheap.verifyPassword(secret, '$2b$10$abcdefghijklmnopqrstuv')).rejects.toThrow('PHC');
  });
});

describe('parameters', () => {
  it('of yesterday still verify, and ask for a new hash', async () => {
    const stored = await cheap.hashPassword(secret);
    const today = createPasswordHasher({ ...cheapParameters, passes: 2 });
    expect(await today.verifyPassword(secret, stored)).toBe(true);
    expect(today.needsRehash(stored)).toBe(true);
  });

  it('of today do not ask for a new hash', async () => {
    expect(cheap.needsRehash(await cheap.hashPassword(secret))).toBe(false);
  });

  it('are at least 19 MiB and two passes unless chosen otherwise', () => {
    expect(argon2Parameters.memoryKiB).toBeGreaterThanOrEqual(19 * 1024);
    expect(argon2Parameters.passes).toBeGreaterThanOrEqual(2);
  });
});

describe('the length of a password', () => {
  it.each([
    ['8 characters', 'x'.repeat(8)],
    ['1024 characters', 'x'.repeat(1024)],
    ['1024 characters, composed of two code points each', 'e\u0301'.repeat(1024)],
    ['1024 characters outside the basic plane', '\u{1F511}'.repeat(1024)],
  ])('may be %s', async (_, password) => {
    expect(await cheap.verifyPassword(password, await cheap.hashPassword(password))).toBe(true);
  });

  it.each([
    ['7 characters', 'x'.repeat(7), 'PASSWORD_TOO_SHORT'],
    ['7 characters that count double in UTF-16', '\u{1F511}'.repeat(7), 'PASSWORD_TOO_SHORT'],
    ['1025 characters', 'x'.repeat(1025), 'PASSWORD_TOO_LONG'],
    ['characters that grow beyond 1024 when normalised', '\uFDFA'.repeat(100), 'PASSWORD_TOO_LONG'],
    ['a megabyte', 'x'.repeat(1_048_576), 'PASSWORD_TOO_LONG'],
  ])('may not be %s', async (_, password, code) => {
    await expect(cheap.hashPassword(password)).rejects.toMatchObject({ code });
  });

  it('is no way around: overlong input that begins with the password is refused', async () => {
    const password = 'x'.repeat(1024);
    expect(await cheap.verifyPassword(`${password}x`, await cheap.hashPassword(password))).toBe(false);
    expect(await cheap.verifyPassword(password.repeat(1024), await cheap.hashPassword(password))).toBe(false);
  });
});

describe('an overlong password', () => {
  it('is not taken for the empty one', async () => {
    const salt = Buffer.from('sixteen of bytes');
    const parameters = { parallelism: 1, tagLength: 32, memory: 8, passes: 1 };
    const hash = argon2Sync('argon2id', { message: '', nonce: salt, ...parameters });
    const stored = formatPasswordHash({ ...cheapParameters, salt, hash });
    expect(await cheap.verifyPassword('', stored)).toBe(true);
    expect(await cheap.verifyPassword('x'.repeat(5000), stored)).toBe(false);
  });
});

describe('nobody', () => {
  it.each([
    ['a password', secret],
    ['nothing', ''],
    ['a megabyte', 'x'.repeat(1_048_576)],
  ])('is never verified by %s', async (_, password) => {
    expect(await cheap.verifyAgainstNobody(password)).toBe(false);
  });
});
