import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLocalDirectory, createPasswordHasher } from '../../src/directory/index.ts';
import { createSignIn, createSignInLimit } from '../../src/sign-in/index.ts';
import { adasDirectory, adasPassword, cheapParameters, countingHasher } from '../directory/a-directory.ts';

type Household = Awaited<ReturnType<typeof adasDirectory>>;

describe('sign-in', () => {
  let household: Household;
  let counted: { verifications: number };
  const address = '192.0.2.1';
  const signIn = (email: string, password: string) =>
    createSignIn({ directory: household.directory, limit: createSignInLimit(household.storage) })({
      email,
      password,
      address,
    });

  beforeEach(async () => {
    const hasher = countingHasher();
    counted = hasher.counted;
    household = await adasDirectory(undefined, hasher.passwords);
  });
  afterEach(() => household.storage.store.close());

  it('with the right password yields the account', async () => {
    expect(await signIn('ada@example.com', adasPassword)).toEqual({ kind: 'signed-in', account: household.ada });
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
    await household.directory.disableAccount(household.ada.id);
    expect(await signIn('ada@example.com', adasPassword)).toEqual({ kind: 'refused' });
    expect(counted.verifications).toBe(1);
  });

  it('to an account that was enabled again succeeds', async () => {
    await household.directory.disableAccount(household.ada.id);
    await household.directory.enableAccount(household.ada.id);
    expect(await signIn('ada@example.com', adasPassword)).toMatchObject({ kind: 'signed-in' });
  });
});

describe('a password hashed with yesterday’s parameters', () => {
  const today = createPasswordHasher({ ...cheapParameters, passes: 2 });
  const storedHash = async ({ storage, ada }: Household): Promise<string> => {
    const stored = await storage.store.read(storage.keys.account(ada.id));
    return JSON.parse(stored?.value ?? '{}').passwordHash;
  };
  let household: Household;
  let directory: Household['directory'];

  beforeEach(async () => {
    household = await adasDirectory();
    directory = createLocalDirectory(household.storage, today);
  });
  afterEach(() => household.storage.store.close());

  it('is hashed again at the next sign-in, and still signs in', async () => {
    expect(await directory.signIn('ada@example.com', adasPassword)).toEqual(household.ada);
    expect(await storedHash(household)).toContain('$m=8,t=2,p=1$');
    expect(await directory.signIn('ada@example.com', adasPassword)).toEqual(household.ada);
  });

  it('is left alone by a wrong password', async () => {
    const before = await storedHash(household);
    expect(await directory.signIn('ada@example.com', 'analytical engine')).toBeUndefined();
    expect(await storedHash(household)).toBe(before);
  });
});
