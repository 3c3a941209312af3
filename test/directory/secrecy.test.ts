import { describe, expect, it } from '@jest/globals';
import { createLocalDirectory, createPasswordHasher, findAccountWithMemberships } from '../../src/directory/index.ts';
import { createSignIn, createSignInLimit } from '../../src/sign-in/index.ts';
import { asOneRequest } from '../../src/storage/index.ts';
import { cheapParameters } from '../support/cheap-passwords.ts';
import { fresh } from '../support/shared.ts';
import { usualSignInPolicy } from '../support/sign-in-policy.ts';
import { adasPassword, aRecordedDirectory } from './a-directory.ts';

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
  const here = fresh(aRecordedDirectory);
  /** What reaches the store when this is asked. */
  const verbsOf = async (asked: () => Promise<unknown>) => {
    here.calls.length = 0;
    await asked();
    return here.calls.map(([, verb]) => verb);
  };

  it('is one read for a membership, which every refresh checks', async () => {
    const find = async () =>
      expect(await here.directory.findMembership(here.ada.id, here.acme.id)).toMatchObject({ role: 'owner' });
    expect(await verbsOf(find)).toEqual(['readMany']);
  });

  it('is two reads for an account with its memberships, which pages ask about, and one once they are known', async () => {
    const find = () => findAccountWithMemberships(here.directory, here.ada.id);
    expect(await verbsOf(find)).toEqual(['readMany', 'readMany']);
    expect(await verbsOf(find)).toEqual(['readMany']);
  });

  it.each(['ada@example.com', 'bob@example.com'])('is the same for known and unknown emails: %s', async (email) => {
    const signIn = async () => expect(await here.directory.signIn(email, 'analytical engine')).toBeUndefined();
    expect(await verbsOf(signIn)).toEqual(['readMany', 'readMany']);
  });

  it.each(['ada@example.com', 'bob@example.com'])(
    'is as much for unknown emails, with what a request reads along: %s',
    async (email) => {
      const alsoRead = (accountId: string) => [`test:factors:${accountId}`, `test:signed-out:${accountId}`];
      const directory = createLocalDirectory({ ...here.storage, alsoRead }, createPasswordHasher(cheapParameters));
      const signIn = () =>
        asOneRequest(async () => {
          directory.readAhead(email);
          await directory.signIn(email, 'analytical engine');
        });
      await verbsOf(signIn);
      expect(here.calls.map(([names]) => String(names).split(' ').length)).toEqual([1, 3]);
    },
  );
});

/** Every call of a few sign-ins that reached the store, as [key, verb, …arguments]. */
async function everythingStored() {
  const { storage, calls, directory, ada, close } = await aRecordedDirectory();
  const signIn = createSignIn({ directory, limit: createSignInLimit(storage, usualSignInPolicy) });
  await signIn({ email: 'ada@example.com', password: adasPassword, address: '192.0.2.1' });
  await signIn({ email: 'ada@example.com', password: 'analytical engine', address: '192.0.2.1' });
  await directory.changePassword(ada.id, adasPassword);
  await close();
  return calls;
}
