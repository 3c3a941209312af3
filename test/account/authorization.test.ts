import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Connection } from '../../src/connections/index.ts';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { minutes } from '../support/clock.ts';
import type { Connected } from '../support/connect.ts';
import { changedPolicy } from '../support/policy.ts';
import {
  type AccountBrowser,
  type AccountFixtures,
  hrefOf,
  type Role,
  startAccountFixtures,
} from './account-fixtures.ts';

const roles: Role[] = ['owner', 'member', 'colleague', 'admin', 'viewer', 'admin of another'];

let home: AccountFixtures;
/** Everybody, signed in just now. */
let present: Record<Role, AccountBrowser>;
/** A connection of the member, for Acme, and how it was before the test. */
let connection: Connected;
let before: Connection | undefined;
beforeAll(async () => {
  home = await startAccountFixtures();
  const signedIn = await Promise.all(roles.map(async (who) => [who, await home.signedIn(who)]));
  present = Object.fromEntries(signedIn);
});
beforeEach(async () => {
  if (connection && isDeepStrictEqual(await home.kept(connection), before)) return;
  if (connection) await present.member.forces(hrefOf(connection, 'disconnect'));
  connection = await home.connects('member', 'acme', { client_name: 'Claude Code' });
  before = await home.kept(connection);
});
afterAll(async () => home[Symbol.asyncDispose]());

interface Action {
  readonly path: (connection: Pick<Connected, 'claims'>) => string;
  readonly fields?: Record<string, string>;
  /** Who may; nobody else learns that there is anything. */
  readonly for: readonly Role[];
}

const administrators: Role[] = ['owner', 'admin'];
const inAcme = (action: string) => (of: Pick<Connected, 'claims'>) =>
  `/mcp/oauth/account/organizations/acme/connections/${of.claims.grant_id}/${action}`;
const actions: Record<string, Action> = {
  renames: { path: (of) => hrefOf(of, 'rename'), fields: { label: 'Mine' }, for: ['member'] },
  changes: {
    path: (of) => hrefOf(of, 'change'),
    fields: { organization: 'acme', scope: 'project:read' },
    for: ['member'],
  },
  disconnects: { path: (of) => hrefOf(of, 'disconnect'), for: ['member'] },
  'disconnects all of a client': {
    path: () => '/mcp/oauth/account/clients/disconnect?client=name%3AClaude%20Code',
    for: ['member'],
  },
  'ends for the organization': { path: inAcme('disconnect'), for: administrators },
};
const views: Record<string, Action> = {
  'sees it': { path: hrefOf, for: ['member'] },
  'sees the form to rename': { path: (of) => hrefOf(of, 'rename'), for: ['member'] },
  'sees the form to change': { path: (of) => hrefOf(of, 'change'), for: ['member'] },
  'sees the form to disconnect': { path: (of) => hrefOf(of, 'disconnect'), for: ['member'] },
  'sees what would be disconnected': {
    path: () => '/mcp/oauth/account/clients/disconnect?client=name%3AClaude%20Code',
    for: ['member'],
  },
  'sees those of the organization': { path: () => '/mcp/oauth/account/organizations/acme', for: administrators },
  'sees the form to end it': { path: inAcme('disconnect'), for: administrators },
};
const table = (of: Record<string, Action>) =>
  roles.flatMap((who) => Object.entries(of).map(([name, action]) => ({ who, name, ...action })));
const may = (each: { who: Role; for: readonly Role[] }) => each.for.includes(each.who);
const nowhere = { claims: { grant_id: 'no-such-connection' } };
const where = ({ url }: Rest) => url.pathname;
const withoutReference = ({ html }: Rest) => html.replace(/<code><bdi>[0-9A-Z]{8}<\/bdi><\/code>/, '');
const alike = ({ headers }: Rest) => [...headers].filter(([name]) => !['date', 'x-reference'].includes(name));

describe('of a connection of a member', () => {
  it.each(table(actions).filter(may))('the $who $name', async ({ who, path, fields }) => {
    const person = present[who];
    const rest = await person.forces(path(connection), fields);

    expect(rest.status).toBe(200);
    expect(await home.kept(connection)).not.toEqual(before);
  });

  it.each(table(actions).filter((each) => !may(each)))(
    'it is not the $who who $name: answered exactly as if there were none',
    async ({ who, path, fields }) => {
      const person = present[who];
      const refused = await person.forces(path(connection), fields);
      const absent = await person.forces(path(nowhere).replace('Claude', 'None'), fields);

      expect(refused.status).toBe(404);
      expect(withoutReference(refused)).toBe(withoutReference(absent));
      expect(alike(refused)).toEqual(alike(absent));
      expect(await home.kept(connection)).toEqual(before);
    },
  );

  it.each(table(views).filter(may))('the $who $name', async ({ who, path }) => {
    const page = await present[who].opens(path(connection));
    expect(page.status).toBe(200);
    expect(page.html).toContain('Claude Code');
  });

  it.each(table(views).filter((each) => !may(each)))(
    'it is not the $who who $name: answered exactly as if there were none',
    async ({ who, path, name }) => {
      const person = present[who];
      const refused = await person.opens(path(connection));
      const other = name.includes('those of')
        ? '/mcp/oauth/account/organizations/none'
        : path(nowhere).replace('Claude', 'None');
      const absent = await person.opens(other);

      expect(refused.status).toBe(404);
      expect(withoutReference(refused)).toBe(withoutReference(absent));
    },
  );
});

describe.each([
  ['signed out', async () => home.comes('member'), ''],
  [
    'signed in 15 minutes ago',
    async () => {
      const grace = await home.signedIn('member');
      home.pass(minutes(15) + 1);
      return grace;
    },
    'again',
  ],
  [
    'a disabled account',
    async () => {
      const grace = await home.signedIn('colleague');
      const directory = home.server.server.directory as unknown as Record<string, (id: string) => Promise<unknown>>;
      const account = (await directory.findAccountByEmail?.('linus@example.com')) as { id: string };
      await directory.disableAccount?.(account.id);
      return grace;
    },
    '',
  ],
] as [string, () => Promise<AccountBrowser>, string][])('somebody who is %s', (_state, comes, again) => {
  const everything = {
    ...actions,
    'signs out everywhere': { path: () => '/mcp/oauth/account/sign-out/everywhere', for: [] as Role[] } as Action,
  };

  it.each(Object.entries(everything))('is asked to sign in before they can: %s', async (_deed, { path, fields }) => {
    const person = await comes();
    for (const target of [connection, nowhere]) {
      const asked = await person.forces(path(target), fields);
      expect(where(asked)).toBe('/mcp/oauth/account/sign-in');
      expect(asked.url.searchParams.get('to')).toBe(path(target));
      expect(asked.html.includes('Sign in again')).toBe(again !== '');
    }
    expect(await home.kept(connection)).toEqual(before);
    const form = await person.opens(path(connection));
    expect(where(form)).toBe('/mcp/oauth/account/sign-in');
  });
});

describe('an administrator', () => {
  it('cannot end, through their organization, a connection for another one', async () => {
    const own = await home.connects('owner', 'globex');
    const owner = await home.signedIn('owner');
    expect((await owner.forces(inAcme('disconnect')(own))).status).toBe(404);
    expect(await home.kept(own)).toBeDefined();
  });

  it('is who has a role that the configuration names, and nobody else', async () => {
    using policy = changedPolicy({ administrators: ['viewer'] });
    await using other = await startAccountFixtures({ ...policy.env });
    const open = async (who: Role) =>
      (await (await other.signedIn(who)).opens('/mcp/oauth/account/organizations/acme')).status;
    expect(await Promise.all((['viewer', 'admin', 'owner'] as const).map(open))).toEqual([200, 404, 404]);
  });

  it('is none any more after losing the role', async () => {
    const ada = present.admin;
    const directory = home.server.server.directory as unknown as {
      findAccountByEmail(email: string): Promise<{ id: string }>;
      findOrganizationBySlug(slug: string): Promise<{ id: string }>;
      setMembership(account: string, organization: string, role: string): Promise<void>;
    };
    const { id } = await directory.findAccountByEmail('ada@example.com');
    const acme = await directory.findOrganizationBySlug('acme');
    await directory.setMembership(id, acme.id, 'viewer');
    expect((await ada.opens('/mcp/oauth/account/organizations/acme')).status).toBe(404);
    await directory.setMembership(id, acme.id, 'admin');
    expect((await ada.opens('/mcp/oauth/account/organizations/acme')).status).toBe(200);
  });
});
