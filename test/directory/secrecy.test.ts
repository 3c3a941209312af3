import { describe, expect, it } from '@jest/globals';
import { findAccountWithMemberships } from '../../src/directory/index.ts';
import { createSignIn, createSignInLimit } from '../../src/sign-in/index.ts';
import { adasDirectory, adasPassword, aRecordedStorage } from './a-directory.ts';

describe('what the directory stores', () => {
  it('holds no password', async () => {
    expect((await everythingStored()).join('\n')).not.toContain(adasPassword);
  });

  it('has keys from which nobody reads an email or an address', async () => {
    const keys = (await everythingStored()).map(([key]) => key).join('\n');
    expect(keys).toContain('test:sign-in-failures:account:');
    expect(keys).not.toMatch(/@|example|192\.0\.2|c000:201/i);
  });

  it('is kept for ever, except what the limit counts', async () => {
    const lifetimes = (await everythingStored()).filter(
      ([key, verb]) => /^write/.test(String(verb)) && !String(key).startsWith('test:sign-in-failures:'),
    );
    expect(lifetimes.length).toBeGreaterThan(0);
    expect(lifetimes.every(([, , , ttlSeconds]) => ttlSeconds === undefined)).toBe(true);
  });
});

describe('what the directory asks of the store', () => {
  it('is one read for a membership, which every refresh checks', async () => {
    const { storage, calls } = aRecordedStorage();
    const { directory, ada, acme } = await adasDirectory(storage);
    calls.length = 0;
    const membership = directory.findMembership(ada.id, acme.id);
    expect(calls.map(([, verb]) => verb)).toEqual(['readMany']);
    expect(await membership).toMatchObject({ role: 'owner' });
    expect(calls).toHaveLength(1);
    await storage.store.close();
  });

  it('is two reads for an account with its memberships, which pages ask about', async () => {
    const { storage, calls } = aRecordedStorage();
    const { directory, ada } = await adasDirectory(storage);
    calls.length = 0;
    await findAccountWithMemberships(directory, ada.id);
    expect(calls.map(([, verb]) => verb)).toEqual(['read', 'readMany']);
    await storage.store.close();
  });

  it.each(['ada@example.com', 'bob@example.com'])('is the same for known and unknown emails: %s', async (email) => {
    const { storage, calls } = aRecordedStorage();
    const { directory } = await adasDirectory(storage);
    calls.length = 0;
    expect(await directory.signIn(email, 'analytical engine')).toBeUndefined();
    expect(calls.map(([, verb]) => verb)).toEqual(['readMany', 'read']);
    await storage.store.close();
  });
});

/** Every call of a few sign-ins that reached the store, as [key, verb, …arguments]. */
async function everythingStored() {
  const { storage, calls } = aRecordedStorage();
  const { directory, ada } = await adasDirectory(storage);
  const signIn = createSignIn({ directory, limit: createSignInLimit(storage) });
  await signIn({ email: 'ada@example.com', password: adasPassword, address: '192.0.2.1' });
  await signIn({ email: 'ada@example.com', password: 'analytical engine', address: '192.0.2.1' });
  await directory.changePassword(ada.id, adasPassword);
  await storage.store.close();
  return calls;
}
