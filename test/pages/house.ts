import { createConnections } from '../../src/connections/index.ts';
import { createInvitations, createOneTimeLinks } from '../../src/passwords/index.ts';
import { createRecordNames, createVault, type Store } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { type DocumentWeb, startWeb } from '../clients/document-web.ts';
import { aConnection } from '../connections/a-connection.ts';
import { type Home, oldPassword, startHome } from '../passwords/people.ts';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { createTestClock } from '../support/clock.ts';
import { changedPolicy } from '../support/policy.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { type SeenAnswers, seeAnswers } from './answers.ts';
import type { Templates } from './templates.ts';

/** A page in one of its states, as it was sent. */
export interface Seen {
  readonly name: string;
  readonly rest: LoadedPage;
}

/** What was seen: a page, which has to be of this template, in one of its states. */
export interface Album extends Disposable {
  readonly seen: readonly Seen[];
  readonly answers: SeenAnswers;
  sees(view: string, state: string, rest: LoadedPage | undefined): LoadedPage;
}

/** A server on which pages can be reached, behind a proxy that speaks https. */
export interface House extends AsyncDisposable, Pick<Album, 'sees'> {
  readonly home: Home;
  /** What the outside calls it. */
  readonly origin: string;
  /** Below which its pages are, and those of the account. */
  readonly base: string;
  readonly account: string;
  readonly web: DocumentWeb;
  readonly pass: (seconds: number) => void;
  readonly now: () => number;
  /** Somebody of these organizations, by slug; what is not there yet is founded. Answers their email. */
  enrols(memberships: Record<string, string>, name?: string): Promise<string>;
  invites(email: string): Promise<string>;
  /** So many connections of theirs for Acme, and one for an organization that is gone. */
  fills(email: string, count: number): Promise<void>;
  /** Somebody in front of a browser that says which language they read. */
  comes(says?: Record<string, string>): PlainBrowser;
  begins(way?: Way): Promise<Begun>;
  /** What is asked of the store fails as told, meanwhile. */
  whileStoreFails<T>(faultOf: (asked: string) => Error | undefined, action: () => Promise<T>): Promise<T>;
}

export interface Way {
  readonly email?: string;
  readonly browser?: PlainBrowser;
  readonly client?: RelyingParty;
  readonly metadata?: Record<string, unknown>;
  readonly request?: Record<string, string | undefined>;
}

/** A flow whose first page is open. */
export interface Begun {
  readonly url: URL;
  readonly browser: PlainBrowser;
  readonly client: RelyingParty;
  readonly verifier: string;
  readonly page: LoadedPage;
  readonly email: string;
  signsIn(): Promise<LoadedPage>;
  /** Signs in unless somebody is, and goes on to the page on which this organization is approved. */
  reaches(organization?: string): Promise<LoadedPage>;
  /** To the tokens; answers the page that stays. */
  approves(organization?: string): Promise<LoadedPage>;
}

/** One that says it is one pixel. */
const logo =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
export const website = 'https://tool.example.com/callback';
const secret = 'a secret that only tests may know';

const shared = {
  clients: [{ client_id: 'ours', client_name: 'Our tool', redirect_uris: [website], logo }],
  signIn: { secondFactorFor: ['vault'], passwordChangeEndsConnections: false },
};

export function createAlbum(templates: Templates): Album {
  const seen: Seen[] = [];
  const answers = seeAnswers();
  return {
    seen,
    answers,
    [Symbol.dispose]: () => answers[Symbol.dispose](),
    sees(view, state, rest) {
      if (!rest) throw new Error(`${view}: ${state}: there is no page`);
      const shown = templates.viewOf(rest.html);
      if (shown !== view) throw new Error(`${view}: ${state}: shows ${shown} at ${rest.url} (${rest.status})`);
      seen.push({ name: `${view}: ${state}`, rest });
      return rest;
    },
  };
}

/** Where a house is: its host, and the path of its issuer. */
export interface Address {
  readonly host: string;
  readonly path: string;
}

export async function openHouse(
  language: string,
  { sees, answers }: Album,
  { host, path }: Address,
  changes: Record<string, object> = {},
): Promise<House> {
  const origin = `https://${host}`;
  const web = await startWeb();
  const { clock, pass } = createTestClock();
  const { store, whileStoreFails } = breakable(createSqliteStore(':memory:'));
  using policy = changedPolicy({ ...shared, ...changes });
  const env = { ...policy.env, TRUSTED_PROXIES: '127.0.0.1' };
  const home = await startHome({ env, issuer: origin + path, parts: { clock, store, network: web.network } });
  const { server, directory } = home;
  answers.lead(origin, server.origin);
  const vault = createVault(secret);
  const parts = { store, vault, names: createRecordNames('', vault) };
  const invitations = createInvitations(parts, createOneTimeLinks(parts), clock);
  let people = 0;

  const comes: House['comes'] = (says = {}) =>
    createPlainBrowser(origin, { 'Accept-Language': language, 'User-Agent': browserName, ...says });

  async function find(slug: string) {
    const known = await directory.findOrganizationBySlug(slug);
    return known ?? directory.createOrganization({ slug, name: slug.replace(/^./, (first) => first.toUpperCase()) });
  }

  async function enrols(roles: Record<string, string>, name = 'Ada Lovelace') {
    people += 1;
    const email = `ada${people}@example.com`;
    const memberships = [];
    for (const [slug, role] of Object.entries(roles)) memberships.push({ organizationId: (await find(slug)).id, role });
    await directory.createAccount({ email, name, password: oldPassword, memberships });
    return email;
  }

  async function begins({ browser = comes(), metadata = {}, request = {}, ...way }: Way = {}): Promise<Begun> {
    const email = way.email ?? (await enrols({ acme: 'owner', globex: 'viewer' }));
    const client = way.client ?? (await registerClient(server.issuer, { client_name: 'Claude Code', ...metadata }));
    const { url, verifier } = client.authorizationRequest({ scope: 'openid email profile *:*', ...request });
    const page = await browser.open(url.href);
    const signsIn = () => browser.submit(page, '/sign-in', { email, password: oldPassword });
    const reaches = async (organization = 'acme') => {
      const rest = page.html.includes('/sign-in"') ? await signsIn() : page;
      return rest.html.includes('/consent"') ? rest : browser.open(`${rest.url.pathname}?organization=${organization}`);
    };
    return {
      url,
      browser,
      client,
      verifier,
      page,
      email,
      signsIn,
      reaches,
      async approves(organization) {
        const { url: callback, sentBy } = await browser.submit(await reaches(organization), '/consent');
        const { status } = await client.exchange(callback, verifier);
        if (status !== 200 || !sentBy) throw new Error(`not connected: ${status}`);
        return sentBy;
      },
    };
  }

  return {
    home,
    origin,
    base: `${path}/oauth`,
    account: `${path}/oauth/account`,
    web,
    sees,
    pass,
    now: clock.now,
    enrols,
    comes,
    begins,
    whileStoreFails,
    async fills(email, count) {
      const connections = createConnections({
        ...parts,
        revocations: { connectionEnded: async () => undefined },
        onEnded: () => undefined,
      });
      const [account, organization] = [await directory.findAccountByEmail(email), await find('acme')];
      for (let index = 0; index <= count; index += 1) {
        const at = clock.seconds() - index * 3600;
        const ids = { id: `grant-${email}-${index}`, clientId: `dyn-${index}`, resource: server.issuer };
        const whose = { accountId: account?.id ?? '', organizationId: index === 0 ? 'gone' : organization.id };
        await connections.begin(
          aConnection({ label: 'A tool', ...ids, ...whose, createdAt: at, lastUsedAt: at }),
          24 * 60 * 60,
        );
      }
    },
    async invites(email) {
      const token = await invitations.invite({ email, organizationId: (await find('acme')).id, role: 'member' });
      return `${server.issuer}/oauth/invitation?token=${token}`;
    },
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]();
      await store.close();
      await web.close();
    },
  };
}

const browserName =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/** The same store, of which some may fail. */
function breakable(whole: Store) {
  let faultOf: (asked: string) => Error | undefined = () => undefined;
  const store = new Proxy(whole, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...asked: unknown[]) => {
        const fault = faultOf(JSON.stringify(asked));
        return fault ? Promise.reject(fault) : value.apply(target, asked);
      };
    },
  });
  return {
    store,
    async whileStoreFails<T>(next: typeof faultOf, action: () => Promise<T>): Promise<T> {
      faultOf = next;
      try {
        return await action();
      } finally {
        faultOf = () => undefined;
      }
    },
  };
}
