import { describe, expect, it } from '@jest/globals';
import { findAccountWithMemberships } from '../../src/directory/index.ts';
import { asOneRequest } from '../../src/storage/index.ts';
import { fresh } from '../support/shared.ts';
import { adasDirectory, adasPassword, onEachStore } from './a-directory.ts';

onEachStore((storage) => {
  describe('the local directory', () => {
    const here = fresh(() => adasDirectory(storage()));

    describe('knows people by their credentials:', () => {
      it.each([
        ['the right password finds the account', 'ada@example.com'],
        ['an email in other letter case is the same email', 'Ada@EXAMPLE.com'],
        ['an email with blanks around it is the same email', '  ada@example.com '],
        ['an email in full-width letters is the same email', 'ａｄａ@example.com'],
      ])('%s', async (_what, email) => {
        expect(await here.directory.signIn(email, adasPassword)).toEqual(here.ada);
      });

      it.each([
        ['a wrong password', 'ada@example.com', 'analytical engine'],
        ['an empty password', 'ada@example.com', ''],
        ['an unknown email', 'bob@example.com', 'difference engine'],
        ['an empty email', '', 'difference engine'],
      ])('%s finds nothing', async (_, email, password) => {
        expect(await here.directory.signIn(email, password)).toBeUndefined();
      });

      it('a password that was changed while the try had to wait counts as it is now', async () => {
        const begun = Promise.withResolvers<void>();
        // By another request.
        const changed = begun.promise.then(() => here.directory.changePassword(here.ada.id, 'a new engine'));
        const tried = await asOneRequest(async () => {
          const { reads, names } = here.storage;
          here.directory.readAhead('ada@example.com');
          reads.ahead([names.account(here.ada.id)]);
          begun.resolve();
          await changed;
          return here.directory.signIn('ada@example.com', adasPassword);
        });
        expect(tried).toBeUndefined();
      });
    });

    describe('knows what people belong to:', () => {
      const membershipIn = (organization: 'acme' | 'globex' | 'initech') =>
        here.directory.findMembership(here.ada.id, here[organization].id);

      it('lists the organizations of an account by name, with its role in each', async () => {
        expect(await here.directory.memberships(here.ada.id)).toEqual([
          { organization: here.acme, role: 'owner' },
          { organization: here.globex, role: 'viewer' },
        ]);
      });

      it('tells an account with its memberships, in one question or in two', async () => {
        const { findAccountWithMemberships: _atOnce, ...twoQuestions } = here.directory;
        const memberships = await here.directory.memberships(here.ada.id);
        for (const directory of [here.directory, twoQuestions]) {
          const found = await findAccountWithMemberships(directory, here.ada.id);
          expect(found).toEqual({ account: here.ada, memberships });
        }
      });

      it('finds one membership', async () => {
        expect(await membershipIn('globex')).toEqual({ organization: here.globex, role: 'viewer' });
      });

      it('finds no membership in an organization the account never joined', async () => {
        expect(await membershipIn('initech')).toBeUndefined();
      });

      it('finds no membership in an organization that does not exist', async () => {
        expect(await here.directory.findMembership(here.ada.id, 'org_nowhere')).toBeUndefined();
      });

      it('finds the new role as soon as it changes', async () => {
        await here.directory.setMembership(here.ada.id, here.acme.id, 'viewer');
        expect(await membershipIn('acme')).toMatchObject({ role: 'viewer' });
      });

      it('finds no membership that has ended, and keeps the others', async () => {
        await here.directory.endMembership(here.ada.id, here.acme.id);
        expect(await membershipIn('acme')).toBeUndefined();
        expect(await here.directory.memberships(here.ada.id)).toEqual([{ organization: here.globex, role: 'viewer' }]);
      });
    });

    describe('knows who is gone:', () => {
      it('finds an account by its id', async () => {
        expect(await here.directory.findAccount(here.ada.id)).toEqual(here.ada);
      });

      it.each([
        ['an account that never was', async () => 'acc_nobody'],
        [
          'a disabled account anywhere',
          async () => {
            await here.directory.disableAccount(here.ada.id);
            return here.ada.id;
          },
        ],
      ])('finds nothing of %s', async (_what, gone) => {
        const id = await gone();
        expect(await here.directory.findAccount(id)).toBeUndefined();
        expect(await here.directory.memberships(id)).toEqual([]);
        expect(await findAccountWithMemberships(here.directory, id)).toBeUndefined();
        expect(await here.directory.findMembership(id, here.acme.id)).toBeUndefined();
      });

      it('within the request that disables an account, whatever that has read before', async () => {
        const { directory, ada } = here;
        const found = await asOneRequest(async () => {
          here.storage.reads.ahead(directory.accountRecords(ada.id));
          await directory.disableAccount(ada.id);
          return directory.findAccount(ada.id);
        });
        expect(found).toBeUndefined();
      });

      it('signs nobody in to a disabled account', async () => {
        await here.directory.disableAccount(here.ada.id);
        expect(await here.directory.signIn('ada@example.com', adasPassword)).toBeUndefined();
      });
    });
  });
});
