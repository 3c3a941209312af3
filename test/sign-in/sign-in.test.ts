import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLocalDirectory, createPasswordHasher } from '../../src/directory/index.ts';
import { createSignIn, createSignInLimit } from '../../src/sign-in/index.ts';
import { adasDirectory, adasPassword, countingHasher } from '../directory/a-directory.ts';
import { cheapParameters } from '../support/cheap-passwords.ts';
import { usualSignInPolicy } from '../support/sign-in-policy.ts';

let hasher: ReturnType<typeof countingHasher>;
let fixture: Awaited<ReturnType<typeof adasDirectory>>;
beforeEach(async () => {
  hasher = countingHasher();
  fixture = await adasDirectory(undefined, hasher.passwords);
});
afterEach(() => fixture.storage.store.close());

describe('sign-in', () => {
  const signIn = (email = 'ada@example.com', password = adasPassword) => {
    const { directory, storage } = fixture;
    return createSignIn({ directory, limit: createSignInLimit(storage, usualSignInPolicy) })({
      email,
      password,
      address: '192.0.2.1',
    });
  };

  it('with the right password yields the account', async () => {
    expect(await signIn()).toEqual({ kind: 'signed-in', account: fixture.ada });
  });

  it.each([
    ['a wrong password', 'ada@example.com', 'analytical engine'],
    ['an unknown email', 'bob@example.com', adasPassword],
    ['an overlong password', 'ada@example.com', adasPassword.repeat(1000)],
    ['nothing at all', '', ''],
  ])('with %s is refused, with the same answer after one verification', async (_, email, password) => {
    expect(await signIn(email, password)).toEqual({ kind: 'refused' });
    expect(hasher.counted.verifications).toBe(1);
  });

  it('begins to read whose email it is before it is known whether the try may be made', async () => {
    const { directory, storage } = fixture;
    const ahead = jest.spyOn(directory, 'readAhead');
    const limit = createSignInLimit(storage, usualSignInPolicy);
    const admit = jest.spyOn(limit, 'admit');
    const credentials = { email: 'ada@example.com', password: adasPassword, address: '192.0.2.1' };
    await createSignIn({ directory, limit })(credentials);
    expect(ahead.mock.calls).toEqual([['ada@example.com']]);
    expect(ahead.mock.invocationCallOrder[0]).toBeLessThan(admit.mock.invocationCallOrder[0] as number);
  });

  it('to a disabled account is refused, with the same answer after one verification', async () => {
    await fixture.directory.disableAccount(fixture.ada.id);
    expect(await signIn()).toEqual({ kind: 'refused' });
    expect(hasher.counted.verifications).toBe(1);
  });

  it('to an account that was enabled again succeeds', async () => {
    await fixture.directory.disableAccount(fixture.ada.id);
    await fixture.directory.enableAccount(fixture.ada.id);
    expect(await signIn()).toMatchObject({ kind: 'signed-in' });
  });
});

describe('a password hashed with yesterday’s parameters', () => {
  const today = createPasswordHasher({ ...cheapParameters, passes: 2 });
  const signIn = (password: string) => createLocalDirectory(fixture.storage, today).signIn('ada@example.com', password);
  const storedHash = async () => {
    const stored = await fixture.storage.store.read(fixture.storage.names.account(fixture.ada.id));
    return JSON.parse(stored?.value ?? '{}').passwordHash;
  };

  it('is hashed again at the next sign-in, and still signs in', async () => {
    expect(await signIn(adasPassword)).toEqual(fixture.ada);
    expect(await storedHash()).toContain('$m=8,t=2,p=1$');
    expect(await signIn(adasPassword)).toEqual(fixture.ada);
  });

  it('is left alone by a wrong password', async () => {
    const before = await storedHash();
    expect(await signIn('analytical engine')).toBeUndefined();
    expect(await storedHash()).toBe(before);
  });
});
