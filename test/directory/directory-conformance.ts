import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Account,
  type Directory,
  findAccountWithMemberships,
  type Organization,
} from '../../src/directory/index.ts';

/** A directory in which Ada owns Acme and is a viewer at Globex, and nobody works for Initech. */
export interface DirectoryUnderTest {
  readonly directory: Directory;
  readonly ada: Account;
  readonly adasPassword: string;
  readonly acme: Organization;
  readonly globex: Organization;
  readonly initech: Organization;
  adaLeavesAcme(): Promise<unknown>;
  adaBecomesViewerAtAcme(): Promise<void>;
  adaIsDisabled(): Promise<void>;
  close(): Promise<void>;
}

/** What every directory promises, whoever keeps the answer. */
export function aDirectory(name: string, create: () => Promise<DirectoryUnderTest>): void {
  describe(name, () => {
    let here: DirectoryUnderTest;
    beforeEach(async () => {
      here = await create();
    });
    afterEach(() => here.close());

    describe('knows people by their credentials:', () => {
      it('the right password finds the account', async () => {
        expect(await here.directory.signIn('ada@example.com', here.adasPassword)).toEqual(here.ada);
      });

      it.each([
        ['in other letter case', 'Ada@EXAMPLE.com'],
        ['with blanks around it', '  ada@example.com '],
        ['in full-width letters', 'ａｄａ@example.com'],
      ])('an email %s is the same email', async (_, email) => {
        expect(await here.directory.signIn(email, here.adasPassword)).toEqual(here.ada);
      });

      it.each([
        ['a wrong password', 'ada@example.com', 'analytical engine'],
        ['an empty password', 'ada@example.com', ''],
        ['an unknown email', 'bob@example.com', 'difference engine'],
        ['an empty email', '', 'difference engine'],
      ])('%s finds nothing', async (_, email, password) => {
        expect(await here.directory.signIn(email, password)).toBeUndefined();
      });
    });

    describe('knows what people belong to:', () => {
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
        expect(await here.directory.findMembership(here.ada.id, here.globex.id)).toEqual({
          organization: here.globex,
          role: 'viewer',
        });
      });

      it('finds no membership in an organization the account never joined', async () => {
        expect(await here.directory.findMembership(here.ada.id, here.initech.id)).toBeUndefined();
      });

      it('finds no membership in an organization that does not exist', async () => {
        expect(await here.directory.findMembership(here.ada.id, 'org_nowhere')).toBeUndefined();
      });

      it('finds the new role as soon as it changes', async () => {
        await here.adaBecomesViewerAtAcme();
        expect(await here.directory.findMembership(here.ada.id, here.acme.id)).toMatchObject({ role: 'viewer' });
      });

      it('finds no membership that has ended, and keeps the others', async () => {
        await here.adaLeavesAcme();
        expect(await here.directory.findMembership(here.ada.id, here.acme.id)).toBeUndefined();
        expect(await here.directory.memberships(here.ada.id)).toEqual([{ organization: here.globex, role: 'viewer' }]);
      });
    });

    describe('knows who is gone:', () => {
      it('finds an account by its id', async () => {
        expect(await here.directory.findAccount(here.ada.id)).toEqual(here.ada);
      });

      it('finds nothing of an account that never was', async () => {
        expect(await here.directory.findAccount('acc_nobody')).toBeUndefined();
        expect(await here.directory.memberships('acc_nobody')).toEqual([]);
        expect(await findAccountWithMemberships(here.directory, 'acc_nobody')).toBeUndefined();
        expect(await here.directory.findMembership('acc_nobody', here.acme.id)).toBeUndefined();
      });

      it('finds nothing of a disabled account anywhere', async () => {
        await here.adaIsDisabled();
        expect(await here.directory.signIn('ada@example.com', here.adasPassword)).toBeUndefined();
        expect(await here.directory.findAccount(here.ada.id)).toBeUndefined();
        expect(await here.directory.memberships(here.ada.id)).toEqual([]);
        expect(await findAccountWithMemberships(here.directory, here.ada.id)).toBeUndefined();
        expect(await here.directory.findMembership(here.ada.id, here.acme.id)).toBeUndefined();
      });
    });
  });
}
