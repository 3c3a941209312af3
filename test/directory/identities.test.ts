import { describe, expect, it } from '@jest/globals';
import { accountIdOf, type Identity } from '../../src/directory/index.ts';
import { fresh } from '../support/shared.ts';
import { adasDirectory } from './a-directory.ts';

const company = 'https://login.example.com';
const home = fresh(adasDirectory);

/** Grace at her company, unless told otherwise. */
const identity = (more: Partial<Identity> = {}): Identity => ({
  provider: 'company',
  issuer: company,
  subject: 'c-2',
  email: 'grace@example.com',
  emailIsVerified: true,
  name: 'Grace Hopper',
  linksByEmail: false,
  memberships: [],
  ...more,
});
/** With Ada’s address, which the operator typed in. */
const asAda = (more: Partial<Identity> = {}) => identity({ email: 'Ada@example.com', linksByEmail: true, ...more });
const arrive = (more: Partial<Identity> = {}) => home.directory.arrive(identity(more));
const arriveAsAda = (more: Partial<Identity> = {}) => home.directory.arrive(asAda(more));

describe('the account of somebody who arrives from an identity provider', () => {
  it('is that of the issuer and the subject, made once, by 50 arrivals at once, too', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => arrive()));
    expect(new Set(all.map(({ accountId }) => accountId))).toEqual(new Set([accountIdOf(company, 'c-2')]));
    expect(await arrive()).toMatchObject({ how: 'known' });
  });

  it.each<[string, Partial<Identity>]>([
    ['another subject', { subject: 'c-3' }],
    ['another issuer', { issuer: 'https://other.example' }],
    ['an issuer and a subject that together read the same', { issuer: `${company}c`, subject: '-2' }],
  ])('is another one for %s, whatever the email', async (_name, more) => {
    const [first, second] = [await arrive(), await arrive(more)];
    expect(second.accountId).not.toBe(first.accountId);
    expect(second.how).toBe('created');
  });

  it('has no password, whatever somebody tries', async () => {
    await arrive();
    for (const password of ['', 'undefined', 'null'])
      expect(await home.directory.signIn('grace@example.com', password)).toBeUndefined();
  });

  it.each<[string, Partial<Identity>, boolean]>([
    ['that is verified', {}, true],
    ['that is not', { emailIsVerified: false }, false],
    ['that is none', { email: '' }, false],
    ['that another account has', { email: 'ada@example.com' }, false],
  ])('is found by an email %s: as it should be', async (_name, more, isFound) => {
    const { accountId } = await arrive(more);
    const found = await home.directory.findAccountByEmail(identity(more).email);
    expect(found?.id === accountId).toBe(isFound);
    expect(await home.directory.findAccountById(accountId)).toMatchObject({ id: accountId });
  });

  it('lets its former email go to the next who has it', async () => {
    const first = await arrive();
    await arrive({ email: 'hopper@example.com' });
    const next = await arrive({ subject: 'c-3' });
    expect((await home.directory.findAccountByEmail('grace@example.com'))?.id).toBe(next.accountId);
    expect((await home.directory.findAccountByEmail('hopper@example.com'))?.id).toBe(first.accountId);
  });
});

describe('an account that was there before', () => {
  const accountOf = (subject: string) => ({ accountId: accountIdOf(company, subject) });

  it('is that of whoever comes with its verified email, where the provider links; and stays it when the email changes', async () => {
    const accountId = home.ada.id;
    expect(await arriveAsAda()).toMatchObject({ accountId, how: 'linked' });
    expect(await arriveAsAda({ email: 'other@example.com' })).toMatchObject({ accountId, how: 'known' });
    expect(await arriveAsAda({ emailIsVerified: false })).toMatchObject({ accountId, how: 'known' });
    // What it is called is the operator's.
    expect(await home.directory.findAccount(home.ada.id)).toEqual(home.ada);
  });

  it.each<[string, Partial<Identity>]>([
    ['the provider does not link', { linksByEmail: false }],
    ['the email is not verified', { emailIsVerified: false }],
    ['the email is none', { email: '' }],
  ])('is not, where %s', async (_name, more) => {
    expect(await arriveAsAda(more)).toMatchObject({ ...accountOf('c-2'), how: 'created' });
  });

  it('is not that of a second person of the same provider to whom it gives the email: the subject has changed', async () => {
    await arriveAsAda();
    expect(await arriveAsAda({ subject: 'c-9' })).toMatchObject(accountOf('c-9'));
    expect(await arriveAsAda({ issuer: 'https://github.com/login/oauth' })).toMatchObject({ accountId: home.ada.id });
  });

  it('is one person’s, when two of a provider come at once with its email', async () => {
    const both = await Promise.all(['c-1', 'c-9'].map((subject) => arriveAsAda({ subject })));
    expect(both.filter(({ accountId }) => accountId === home.ada.id)).toHaveLength(1);
  });

  it('is free again once the operator has unlinked it', async () => {
    await arriveAsAda();
    expect(await home.directory.unlink(home.ada.id)).toBe(1);
    expect(await arriveAsAda({ subject: 'c-9' })).toMatchObject({ accountId: home.ada.id, how: 'linked' });
    expect(await arriveAsAda()).toMatchObject({ ...accountOf('c-2'), how: 'created' });
    expect(await home.directory.unlink(accountIdOf(company, 'c-2'))).toBe(0);
  });

  it('is not shared by whoever came first with the email of somebody else, from a provider that may not link', async () => {
    const attacker = await arrive({ issuer: 'https://anybody.example', subject: 'm' });
    const victim = await arrive({ linksByEmail: true });
    expect(victim).toMatchObject({ ...accountOf('c-2'), how: 'created' });
    expect(victim.accountId).not.toBe(attacker.accountId);
  });

  it('is one account of two providers that both may link', async () => {
    const first = await arrive({ linksByEmail: true });
    const second = await arrive({ linksByEmail: true, issuer: 'https://other.example' });
    expect(second).toMatchObject({ accountId: first.accountId, how: 'linked' });
  });

  it('is forgotten with the account', async () => {
    await arriveAsAda();
    await home.directory.removeAccount(home.ada.id);
    expect(await arriveAsAda()).toMatchObject(accountOf('c-2'));
  });
});

describe('what somebody is a member of', () => {
  const memberships = async (id: string) =>
    (await home.directory.memberships(id)).map(({ organization: { slug, name }, role }) => `${slug} ${name} ${role}`);

  it('is what their provider says now, in organizations that are made when they are named first', async () => {
    const { accountId } = await arrive({ memberships: [{ slug: 'new', name: 'New Inc', role: 'admin' }] });
    expect(await memberships(accountId)).toEqual(['new New Inc admin']);
    const later = await arrive({ memberships: [{ slug: 'globex', role: 'viewer' }] });
    expect(await memberships(accountId)).toEqual(['globex Globex viewer']);
    expect(later.left).toHaveLength(1);
    const promoted = await arrive({ memberships: [{ slug: 'globex', role: 'admin' }] });
    expect(promoted).toMatchObject({ left: [], changed: [{ organizationId: home.globex.id, role: 'admin' }] });
  });

  it('keeps what the operator typed in, whatever a provider says', async () => {
    await arriveAsAda({ memberships: ['acme', 'initech'].map((slug) => ({ slug, role: 'viewer' })) });
    const all = ['acme Acme Corp owner', 'globex Globex viewer', 'initech Initech viewer'];
    expect((await memberships(home.ada.id)).sort()).toEqual(all);
    await arriveAsAda();
    expect(await memberships(home.ada.id)).toHaveLength(2);
  });

  it('is not touched by an arrival at an account that is disabled', async () => {
    const { accountId } = await arrive({ memberships: [{ slug: 'acme', role: 'admin' }] });
    await home.directory.disableAccount(accountId);
    await arrive({ memberships: [{ slug: 'globex', role: 'admin' }] });
    expect(await home.directory.findAccount(accountId)).toBeUndefined();
    await home.directory.enableAccount(accountId);
    expect(await memberships(accountId)).toEqual(['acme Acme Corp admin']);
  });

  it('makes one organization of 20 people who name it first at once', async () => {
    const joins = async (n: number) => {
      const memberships = [{ slug: 'new', role: 'viewer' }];
      const { accountId } = await arrive({ subject: `n-${n}`, email: `n${n}@example.com`, memberships });
      return (await home.directory.memberships(accountId))[0]?.organization.id;
    };
    const ids = new Set(await Promise.all(Array.from({ length: 20 }, (_, n) => joins(n))));
    expect([...ids]).toEqual([expect.stringMatching(/^org_/)]);
  });
});
