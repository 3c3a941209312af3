import { isDeepStrictEqual } from 'node:util';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Connection } from '../../src/connections/index.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { minutes } from '../support/clock.ts';
import type { Connected } from '../support/connect.ts';
import { changedPolicy } from '../support/policy.ts';
import { shared } from '../support/shared.ts';
import { type AccountBrowser, account, hrefOf, people, type Role, startAccountFixtures } from './account-fixtures.ts';

const roles = Object.keys(people) as Role[];

const home = shared(() => startAccountFixtures());
/** Everybody, signed in just now. */
const present = shared(async () => {
  const signedIn = await Promise.all(roles.map(async (who) => [who, await home.signedIn(who)]));
  return Object.fromEntries(signedIn) as Record<Role, AccountBrowser>;
});
/** A connection of the member, for Acme, and how it was before the test. */
let connection: Connected;
let before: Connection | undefined;
beforeEach(async () => {
  if (connection && isDeepStrictEqual(await home.kept(connection), before)) return;
  if (connection) await present.member.forces(hrefOf(connection, 'disconnect'));
  connection = await home.connects('member', 'acme', { client_name: 'Claude Code' });
  before = await home.kept(connection);
});

type Place = (connection: Pick<Connected, 'claims'>) => string;
interface Action {
  readonly path: Place;
  readonly fields?: Record<string, string>;
  /** Who may, if not the member alone; nobody else learns that there is anything. */
  readonly for?: readonly Role[];
}

const at = (action: string) => (of: Pick<Connected, 'claims'>) => hrefOf(of, action);
const acme = `${account}/organizations/acme`;
const inAcme: Place = ({ claims }) => `${acme}/connections/${claims.grant_id}/disconnect`;
const allOfClient = () => `${account}/clients/disconnect?client=name%3AClaude%20Code`;
const administrators: Role[] = ['owner', 'admin'];
const actions: Record<string, Action> = {
  renames: { path: at('rename'), fields: { label: 'Mine' } },
  changes: { path: at('change'), fields: { organization: 'acme', scope: 'project:read' } },
  disconnects: { path: at('disconnect') },
  'disconnects all of a client': { path: allOfClient },
  'ends for the organization': { path: inAcme, for: administrators },
};
const views: Record<string, Action> = {
  'sees it': { path: at('') },
  'sees the form to rename': { path: at('rename') },
  'sees the form to change': { path: at('change') },
  'sees the form to disconnect': { path: at('disconnect') },
  'sees what would be disconnected': { path: allOfClient },
  'sees those of the organization': { path: () => acme, for: administrators },
  'sees the form to end it': { path: inAcme, for: administrators },
};
const table = (of: Record<string, Action>) =>
  roles.flatMap((who) => Object.entries(of).map(([name, action]) => ({ who, name, ...action })));
const may = ({ who, for: those = ['member'] }: Action & { who: Role }) => those.includes(who);
const mayNot = (each: Action & { who: Role }) => !may(each);
const nowhere = { claims: { grant_id: 'no-such-connection' } };
const absent = (path: Place) => path(nowhere).replace('Claude', 'None').replace(/acme$/, 'none');
const withoutReference = ({ html }: LoadedPage) => html.replace(/<code><bdi>[0-9A-Z]{8}<\/bdi><\/code>/, '');
const alike = ({ headers }: LoadedPage) => [...headers].filter(([name]) => !['date', 'x-reference'].includes(name));

describe('of a connection of a member', () => {
  it.each(table(actions).filter(may))('the $who $name', async ({ who, path, fields }) => {
    expect((await present[who].forces(path(connection), fields)).status).toBe(200);
    expect(await home.kept(connection)).not.toEqual(before);
  });

  it.each(table(actions).filter(mayNot))(
    'it is not the $who who $name: answered exactly as if there were none',
    async ({ who, path, fields }) => {
      const refused = await present[who].forces(path(connection), fields);
      const none = await present[who].forces(absent(path), fields);

      expect([refused.status, withoutReference(refused)]).toEqual([404, withoutReference(none)]);
      expect(alike(refused)).toEqual(alike(none));
      expect(await home.kept(connection)).toEqual(before);
    },
  );

  it.each(table(views).filter(may))('the $who $name', async ({ who, path }) => {
    const page = await present[who].opens(path(connection));
    expect(page).toMatchObject({ status: 200, html: expect.stringContaining('Claude Code') });
  });

  it.each(table(views).filter(mayNot))(
    'it is not the $who who $name: answered exactly as if there were none',
    async ({ who, path }) => {
      const refused = await present[who].opens(path(connection));
      const none = await present[who].opens(absent(path));

      expect([refused.status, withoutReference(refused)]).toEqual([404, withoutReference(none)]);
    },
  );
});

const signedInLongAgo = async () => {
  const grace = await home.signedIn('member');
  home.pass(minutes(15) + 1);
  return grace;
};
const disabled = async () => {
  const linus = await home.signedIn('colleague');
  await home.directory.disableAccount((await home.directory.findAccountByEmail(people.colleague))?.id ?? '');
  return linus;
};

describe.each<[string, () => AccountBrowser | Promise<AccountBrowser>, boolean]>([
  ['signed out', () => home.comes('member'), false],
  ['signed in 15 minutes ago', signedInLongAgo, true],
  ['a disabled account', disabled, false],
])('somebody who is %s', (_state, comes, isAskedAgain) => {
  const everything: Record<string, Action> = {
    ...actions,
    'signs out everywhere': { path: () => `${account}/sign-out/everywhere` },
  };

  it.each(Object.entries(everything))('is asked to sign in before they can: %s', async (_deed, { path, fields }) => {
    const person = await comes();
    for (const target of [connection, nowhere]) {
      const { url, html } = await person.forces(path(target), fields);
      expect([url.pathname, url.searchParams.get('to')]).toEqual([`${account}/sign-in`, path(target)]);
      expect(html.includes('Sign in again')).toBe(isAskedAgain);
    }
    expect(await home.kept(connection)).toEqual(before);
    expect((await person.opens(path(connection))).url.pathname).toBe(`${account}/sign-in`);
  });
});

describe('an administrator', () => {
  it('cannot end, through their organization, a connection for another one', async () => {
    const own = await home.connects('owner', 'globex');
    expect((await (await home.signedIn('owner')).forces(inAcme(own))).status).toBe(404);
    expect(await home.kept(own)).toBeDefined();
  });

  it('is who has a role that the configuration names, and nobody else', async () => {
    using policy = changedPolicy({ administrators: ['viewer'] });
    await using other = await startAccountFixtures({ ...policy.env });
    const open = async (who: Role) => (await (await other.signedIn(who)).opens(acme)).status;
    expect(await Promise.all((['viewer', 'admin', 'owner'] as const).map(open))).toEqual([200, 404, 404]);
  });

  it('is none any more after losing the role', async () => {
    const { id = '' } = (await home.directory.findAccountByEmail(people.admin)) ?? {};
    const { id: acmeId = '' } = (await home.directory.findOrganizationBySlug('acme')) ?? {};
    for (const [role, status] of [['viewer', 404] as const, ['admin', 200] as const]) {
      await home.directory.setMembership(id, acmeId, role);
      expect((await present.admin.opens(acme)).status).toBe(status);
    }
  });
});
