import { describe, expect, it } from '@jest/globals';
import {
  createLocalDirectory,
  createPasswordHasher,
  demonstrationAccounts,
  demonstrationPassword,
  seedDemonstration,
} from '../../src/directory/index.ts';
import { type Credentials, createSignIn, createSignInLimit } from '../../src/sign-in/index.ts';
import { cheapParameters } from '../support/cheap-passwords.ts';
import { fresh } from '../support/shared.ts';
import { usualSignInPolicy } from '../support/sign-in-policy.ts';
import { adasDirectory, aStorage, countingHasher, onEachStore } from './a-directory.ts';

const rounds = 50;
const password = 'a long enough password';

onEachStore((storage) => {
  describe('at once', () => {
    const hasher = fresh(countingHasher);
    const here = fresh(() => adasDirectory(storage(), hasher.passwords));

    it('a hundred guesses at one account get ten verifications, not one more', async () => {
      for (let round = 0; round < rounds; round++) {
        const email = `victim-${round}@example.com`;
        const results = await guessAtOnce((n) => ({ email, password, address: `198.51.${round}.${n}` }));
        expect(results).toEqual({ refused: 10, limited: 90, verifications: 10 });
      }
    });

    it('a hundred guesses from one address at a hundred accounts get fifty verifications, not one more', async () => {
      for (let round = 0; round < rounds; round++) {
        const address = `203.0.${round}.1`;
        const results = await guessAtOnce((n) => ({ email: `${n}-${round}@example.com`, password, address }));
        expect(results).toEqual({ refused: 50, limited: 50, verifications: 50 });
      }
    });

    it('two administrators create one account with one email', async () => {
      for (let round = 0; round < rounds; round++) {
        const email = `bob-${round}@example.com`;
        const twins = ['Bob', 'Robert'].map((name) => here.directory.createAccount({ email, name, password }));
        const created = fulfilled(await Promise.allSettled(twins));
        expect(created).toHaveLength(1);
        expect(await here.directory.signIn(email, password)).toEqual(created[0]);
      }
      const { store, names } = here.storage;
      expect(await store.members(names.accounts())).toHaveLength(1 + rounds);
    });

    it('two administrators create one organization with one slug', async () => {
      for (let round = 0; round < rounds; round++) {
        const slug = `umbrella-${round}`;
        const twins = ['Umbrella', 'Parasol'].map((name) => here.directory.createOrganization({ slug, name }));
        const created = fulfilled(await Promise.allSettled(twins));
        expect(created).toEqual([await here.directory.findOrganizationBySlug(slug)]);
      }
    });

    it('two administrators change one account and nothing is lost', async () => {
      for (let round = 0; round < rounds; round++) {
        await Promise.all([
          here.directory.setMembership(here.ada.id, here.initech.id, `role ${round}`),
          here.directory.setMembership(here.ada.id, here.globex.id, `role ${round}`),
        ]);
        expect(await here.directory.memberships(here.ada.id)).toEqual([
          { organization: here.acme, role: 'owner' },
          { organization: here.globex, role: `role ${round}` },
          { organization: here.initech, role: `role ${round}` },
        ]);
      }
    });

    it('twenty administrators change one account and nothing is lost', async () => {
      const names = Array.from({ length: 20 }, (_, n) => `org-${n}`);
      const joined = await Promise.all(names.map((slug) => here.directory.createOrganization({ slug, name: slug })));
      await Promise.all(joined.map(({ id }) => here.directory.setMembership(here.ada.id, id, 'member')));
      expect(await here.directory.memberships(here.ada.id)).toHaveLength(2 + 20);
    });

    it('a sign-in that hashes the old password anew does not undo a change of password', async () => {
      const today = createLocalDirectory(here.storage, createPasswordHasher({ ...cheapParameters, passes: 2 }));
      for (let round = 0; round < rounds; round++) {
        await here.directory.changePassword(here.ada.id, `old password ${round}`);
        await Promise.all([
          today.signIn('ada@example.com', `old password ${round}`),
          here.directory.changePassword(here.ada.id, `new password ${round}`),
        ]);
        expect(await today.signIn('ada@example.com', `old password ${round}`)).toBeUndefined();
        expect(await today.signIn('ada@example.com', `new password ${round}`)).toEqual(here.ada);
      }
    });

    it('two processes put the demonstration there once', async () => {
      for (let round = 0; round < rounds; round++) {
        const empty = aStorage(here.storage.store, `start-${round}:`);
        const processes = [1, 2].map(() => createLocalDirectory(empty, createPasswordHasher(cheapParameters)));
        await Promise.all(processes.map(seedDemonstration));
        expect(await empty.store.members(empty.names.accounts())).toHaveLength(demonstrationAccounts.length);
        for (const directory of processes) {
          const demo = await directory.signIn('demo@example.com', demonstrationPassword);
          expect(await directory.memberships(demo?.id ?? '')).toMatchObject([{ role: 'owner' }, { role: 'viewer' }]);
        }
      }
    });

    async function guessAtOnce(guess: (n: number) => Credentials) {
      hasher.counted.verifications = 0;
      const signIn = createSignIn({
        directory: here.directory,
        limit: createSignInLimit({ ...here.storage, patienceMs: 60_000 }, usualSignInPolicy),
      });
      const results = await Promise.all(Array.from({ length: 100 }, (_, n) => signIn(guess(n))));
      const count = (kind: string) => results.filter((result) => result.kind === kind).length;
      return { refused: count('refused'), limited: count('limited'), verifications: hasher.counted.verifications };
    }
  });
});

function fulfilled<T>(results: PromiseSettledResult<T>[]): T[] {
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
