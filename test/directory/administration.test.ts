import { describe, expect, it } from '@jest/globals';
import { fresh } from '../support/shared.ts';
import { adasDirectory, adasPassword } from './a-directory.ts';

const here = fresh(adasDirectory);
const adaSignsIn = (password = adasPassword) => here.directory.signIn('ada@example.com', password);
const refused = (asked: Promise<unknown>, code: string) => expect(asked).rejects.toMatchObject({ code });
const bob = { email: 'bob@example.com', name: 'Bob', password: 'a long enough password' };

describe('an account', () => {
  it('has an id of 128 random bits', () => {
    expect(here.ada.id).toMatch(/^acc_[\w-]{22}$/);
  });

  it('has an email that nobody else has, in any spelling', async () => {
    await refused(here.directory.createAccount({ ...bob, email: 'ADA@example.com ' }), 'EMAIL_TAKEN');
    expect(await adaSignsIn()).toEqual(here.ada);
  });

  it.each([
    ['an email without a host', { email: 'bob' }, 'EMAIL_INVALID'],
    ['an email with a blank inside', { email: 'bob @example.com' }, 'EMAIL_INVALID'],
    ['an email longer than any mailbox', { email: `${'b'.repeat(250)}@example.com` }, 'EMAIL_INVALID'],
    ['a short password', { password: 'short' }, 'PASSWORD_TOO_SHORT'],
    ['an unknown organization', { memberships: [{ organizationId: 'o', role: 'owner' }] }, 'ORGANIZATION_UNKNOWN'],
  ])('is not created with %s', async (_, wrong, code) => {
    await refused(here.directory.createAccount({ ...bob, ...wrong }), code);
    expect(await here.directory.signIn(bob.email, bob.password)).toBeUndefined();
  });

  it('signs in with the changed password only', async () => {
    await here.directory.changePassword(here.ada.id, 'analytical engine');
    expect(await adaSignsIn('analytical engine')).toEqual(here.ada);
    expect(await adaSignsIn()).toBeUndefined();
  });

  it('keeps its password when the new one is refused', async () => {
    await refused(here.directory.changePassword(here.ada.id, 'short'), 'PASSWORD_TOO_SHORT');
    expect(await adaSignsIn()).toEqual(here.ada);
  });

  it('that never was cannot be changed', async () => {
    await refused(here.directory.disableAccount('acc_nobody'), 'ACCOUNT_UNKNOWN');
    await refused(here.directory.changePassword('acc_nobody', bob.password), 'ACCOUNT_UNKNOWN');
  });
});

describe('an organization', () => {
  it('has an id of 128 random bits', () => {
    expect(here.acme.id).toMatch(/^org_[\w-]{22}$/);
  });

  it('has a slug that no other has', async () => {
    await refused(here.directory.createOrganization({ slug: 'acme', name: 'Other' }), 'SLUG_TAKEN');
    expect(await here.directory.findOrganizationBySlug('acme')).toEqual(here.acme);
  });

  it.each(['', 'Acme', 'ac me', '-acme', 'acme-', 'acme/../x', 'a'.repeat(64)])(
    'does not have the slug "%s"',
    async (slug) => {
      await refused(here.directory.createOrganization({ slug, name: 'Acme' }), 'SLUG_INVALID');
    },
  );

  it('is not found by a slug that nobody has', async () => {
    expect(await here.directory.findOrganizationBySlug('umbrella')).toBeUndefined();
  });
});

describe('a membership', () => {
  it('is added to the others', async () => {
    await here.directory.setMembership(here.ada.id, here.initech.id, 'admin');
    expect(await here.directory.memberships(here.ada.id)).toEqual([
      { organization: here.acme, role: 'owner' },
      { organization: here.globex, role: 'viewer' },
      { organization: here.initech, role: 'admin' },
    ]);
  });

  it('in an unknown organization is refused', async () => {
    await refused(here.directory.setMembership(here.ada.id, 'org_nowhere', 'owner'), 'ORGANIZATION_UNKNOWN');
  });

  it('of an account that was enabled again is what it was', async () => {
    await here.directory.disableAccount(here.ada.id);
    await here.directory.enableAccount(here.ada.id);
    expect(await here.directory.findMembership(here.ada.id, here.acme.id)).toMatchObject({ role: 'owner' });
  });
});
