import { type Connection, createConnections } from '../../src/connections/index.ts';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createRecordNames, createVault, type Store } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { aConnection, start } from '../connections/a-connection.ts';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { type Connected, connect } from '../support/connect.ts';
import { accountsOf } from '../support/member.ts';
import { startServer, type TestServer } from '../support/server.ts';

export const password = 'demo-password';

/** Acme's people beside its owner (demo@example.com, who is also a viewer of Globex), and an administrator of Globex. */
export const people = {
  owner: 'demo@example.com',
  member: 'grace@example.com',
  colleague: 'linus@example.com',
  admin: 'ada@example.com',
  viewer: 'vera@example.com',
  'admin of another': 'otto@example.com',
} as const;
export type Role = keyof typeof people;

type Fields = Record<string, string | readonly string[]>;

/** Somebody in front of the account pages. */
export interface AccountBrowser {
  readonly browser: PlainBrowser;
  opens(path: string): Promise<LoadedPage>;
  /** Opens the page at this path and sends its form there. */
  submits(path: string, fields?: Fields): Promise<LoadedPage>;
  /** Sends a form as any page could: with the browser's cookies, and whatever fields that page knows. */
  posts(path: string, fields?: Fields, headers?: Record<string, string>): Promise<LoadedPage>;
  /** Sends a form to this path that is theirs, whatever page they are shown there. */
  forces(path: string, fields?: Fields): Promise<LoadedPage>;
  signsIn(password?: string, email?: string): Promise<LoadedPage>;
}

export interface AccountFixtures extends AsyncDisposable, TestClock {
  readonly server: TestServer;
  readonly directory: LocalDirectory;
  /** What the server knows of a connection. */
  kept(connection: Pick<Connected, 'claims'>): Promise<Connection | undefined>;
  /** As if a crash had left its record changed, and nothing else. */
  changesOnlyTheRecord(connection: Pick<Connected, 'claims'>, changes: Partial<Connection>): Promise<void>;
  /** As if so many had been approved, one a second, by whoever it is the turn of; the newest is the last. */
  begins(count: number, organization: string, who: readonly Role[]): Promise<Connection[]>;
  /** Not signed in yet. */
  comes(who: Role, browser?: PlainBrowser): AccountBrowser;
  signedIn(who: Role): Promise<AccountBrowser>;
  connects(who: Role, organization?: string, client?: Record<string, unknown>): Promise<Connected>;
}

export const account = '/mcp/oauth/account';

export const hrefOf = ({ claims }: Pick<Connected, 'claims'>, action = '') =>
  `${account}/connections/${claims.grant_id}${action && `/${action}`}`;

/** The anti-forgery value of a page. */
export const valueOn = ({ html }: Pick<LoadedPage, 'html'>) => /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? '';

export async function startAccountFixtures(
  env: Record<string, string> = {},
  watched: (store: Store) => Store = (store) => store,
): Promise<AccountFixtures> {
  const { clock, pass } = createTestClock();
  const store = createSqliteStore(':memory:', clock);
  const server = await startServer({ env, parts: { store: watched(store), clock } });
  const directory = accountsOf(server);
  const idOf = async (slug: string) => (await directory.findOrganizationBySlug(slug))?.id ?? '';
  const [acme, globex] = [await idOf('acme'), await idOf('globex')];
  const enrol = (who: Role, organizationId: string, role: string) =>
    directory.createAccount({ email: people[who], name: who, password, memberships: [{ organizationId, role }] });
  const ofAcme = { member: 'member', colleague: 'member', admin: 'admin', viewer: 'viewer' } as const;
  await Promise.all(Object.entries(ofAcme).map(([who, role]) => enrol(who as Role, acme, role)));
  await enrol('admin of another', globex, 'admin');

  function comes(who: Role, browser = createPlainBrowser(server.origin)): AccountBrowser {
    const opens = (path: string) => browser.open(path);
    const page = { url: new URL(server.origin), status: 200, headers: new Headers() };
    const posts: AccountBrowser['posts'] = (path, fields, headers) =>
      browser.submit({ ...page, html: `<form action="${path}"></form>` }, path, fields, headers);
    async function forces(path: string, fields = {}) {
      // Whoever is signed in has a form of their own to take the anti-forgery value from.
      const csrf = valueOn(await opens(`${account}/sign-out`));
      return posts(path, { csrf, ...fields });
    }
    return {
      browser,
      opens,
      posts,
      forces,
      submits: async (path, fields = {}) => browser.submit(await opens(path), path.split('?')[0] ?? '', fields),
      async signsIn(given = password, email = people[who]) {
        const page = await opens(`${account}/sign-in`);
        return browser.submit(page, '/sign-in?to=%2Fmcp%2Foauth%2Faccount', { email, password: given });
      },
    };
  }

  return {
    clock,
    pass,
    server,
    directory,
    async kept({ claims }) {
      const record = await store.read(`connection:{${claims.grant_id}}`);
      return record && JSON.parse(record.value);
    },
    async changesOnlyTheRecord({ claims }, changes) {
      const key = `connection:{${claims.grant_id}}`;
      const kept = (await store.read(key))?.value ?? '';
      await store.compareAndSet(key, kept, JSON.stringify({ ...JSON.parse(kept), ...changes }));
    },
    async begins(count, organization, who) {
      const connections = createConnections({
        store,
        names: createRecordNames('', createVault('a secret that only tests may know')),
        revocations: { connectionEnded: async () => undefined },
        onEnded: () => undefined,
      });
      const organizationId = await idOf(organization);
      const accounts = await Promise.all(who.map((each) => directory.findAccountByEmail(people[each])));
      const resource = server.issuer;
      const begun = Array.from({ length: count }, (_, n) =>
        aConnection({
          id: `grant-${String(n).padStart(5, '0')}`,
          accountId: accounts[n % who.length]?.id ?? '',
          clientId: `dyn-${n}`,
          clientName: `Tool ${n % 7}`,
          label: `Number ${n}`,
          organizationId,
          resource,
          createdAt: start + n,
          // In no order: they are used as it comes.
          lastUsedAt: start + ((n * 7919) % count),
        }),
      );
      for (const connection of begun) await connections.begin(connection, 24 * 60 * 60);
      return begun;
    },
    comes,
    async signedIn(who) {
      const person = comes(who);
      await person.signsIn();
      return person;
    },
    connects: (who, organization = 'acme', client = {}) =>
      connect(server, { client, actions: { email: people[who], organization } }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await store.close();
    },
  };
}
