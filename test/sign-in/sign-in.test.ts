import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLocalDirectory, createPasswordHasher } from '../../src/directory/index.ts';
import { createSignIn, createSignInLimit } from '../../src/sign-in/index.ts';
import { adasDirectory, adasPassword, countingHasher } from '../directory/a-directory.ts';
import { cheapParameters } from '../support/cheap-passwords.ts';

type DirectoryFixture = Awaited<ReturnType<typeof adasDirectory>>;

describe('sign-in', () => {
  let fixture: DirectoryFixture;
  let counted: { verifications: number };
  const address = '192.0.2.1';
  const signIn = (email: string, password: string) =>
    createSignIn({ directory: fixture.directory, limit: createSignInLimit(fixture.storage) })({
      email,
      password,
      address,
    });

  beforeEach(async () => {
    const hasher = countingHasher();
    counted = hasher.counted;
    fixture = await adasDirectory(undefined, hasher.passwords);
  });
  afterEach(() => fixture.storage.store.close());

  it('with the right password yields the account', async () => {
    expect(await signIn('ada@example.com', adasPassword)).toEqual({ kind: 'signed-in', account: fixture.ada });
  });

  it.each([
    ['a wrong password', 'ada@example.com', 'analytical engine'],
    ['an unknown email', 'bob@example.com', adasPassword],
    ['an overlong password', 'ada@example.com', adasPassword.repeat(1000)],
    ['nothing at all', '', ''],
  ])('with %s is refused, with the same answer after one verification', async (_, email, password) => {
    expect(await signIn(email, password)).toEqual({ kind: 'refused' });
    expect(counted.verifications).toBe(1);
  });

  it('to a disabled account is refused, with the same answer after one verification', async () => {
    await fixture.directory.disableAccount(fixture.ada.id);
    expect(await signIn('ada@example.com', adasPassword)).toEqual({ kind: 'refused' });
    expect(counted.verifications).toBe(1);
  });

  it('to an account that was enabled again succeeds', async () => {
    await fixture.directory.disableAccount(fixture.ada.id);
    await fixture.directory.enableAccount(fixture.ada.id);
    expect(await signIn('ada@example.com', adasPassword)).toMatchObject({ kind: 'signed-in' });
  });
});

describe('a password hashed with yesterday’s parameters', () => {
  const today = createPasswordHasher({ ...cheapParameters, passes: 2 });
  const storedHash = async ({ storage, ada }: DirectoryFixture): Promise<string> => {
    const stored = await storage.store.read(storage.names.account(ada.id));
    return JSON.parse(stored?.value ?? '{}').passwordHash;
  };
  let fixture: DirectoryFixture;
  let directory: DirectoryFixture['directory'];

  beforeEach(async () => {
    fixture = await adasDirectory();
    directory = createLocalDirectory(fixture.storage, today);
  });
  afterEach(() => fixture.storage.store.close());

  it('is hashed again at the next sign-in, and still signs in', async () => {
    expect(await directory.signIn('ada@example.com', adasPassword)).toEqual(fixture.ada);
    expect(await storedHash(fixture)).toContain('$m=8,t=2,p=1$');
    expect(await directory.signIn('ada@example.com', adasPassword)).toEqual(fixture.ada);
  });

  it('is left alone by a wrong password', async () => {
    const before = await storedHash(fixture);
    expect(await directory.signIn('ada@example.com', 'analytical engine')).toBeUndefined();
    expect(await storedHash(fixture)).toBe(before);
  });
});
