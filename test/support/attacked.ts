import { DatabaseSync } from 'node:sqlite';
import { expect } from '@jest/globals';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from './browser-without-a-screen.ts';
import { createPerson, type Person } from './person.ts';
import { type RelyingParty, registerClient, type TokenAnswer } from './relying-party.ts';
import { startServer, type TestServer, type TestServerOptions } from './server.ts';
import { type TestStore, testStores } from './test-store.ts';

/** A store that is looked into, for whoever starts a server on it. */
export interface Watched extends AsyncDisposable {
  readonly kept: TestStore;
  readonly env: TestStore['env'];
  /** Does it, and fails if the store is another one afterwards, but for records of these kinds. */
  changesNothing<T>(attempt: () => Promise<T>, but?: readonly string[]): Promise<T>;
  close(): Promise<void>;
}

/** A server on such a store, somebody who approves, and their tool. */
export interface Attacked extends Watched {
  readonly server: TestServer;
  readonly person: Person;
  readonly client: RelyingParty;
  /** What was approved for the tool, or another client of this server, and not redeemed yet. */
  approved(
    by?: RelyingParty,
    parameters?: Record<string, string | undefined>,
  ): Promise<{ callback: URL; verifier: string; state: string }>;
  /** The tokens that come of it. */
  connected(by?: RelyingParty, parameters?: Record<string, string | undefined>): Promise<TokenAnswer['body']>;
  /** What comes of a request that the person opens and that is to be refused: it leaves the store as it was. */
  opensInVain(
    parameters?: Record<string, string | undefined>,
    by?: RelyingParty,
  ): Promise<LoadedPage & { state: string }>;
  /** Another client of this server. */
  registers(metadata?: Record<string, unknown>): Promise<RelyingParty>;
  /** Another browser, of somebody who is not signed in. */
  stranger(): PlainBrowser;
}

/**
 * What an attempt that is refused may leave, by the names of storage/record-names.ts: how often was tried
 * (`signInFailures`, `requestCount`, `consoleCalls`), without which guessing had no limit; and what a form was answered (`onceAnswered`),
 * for some seconds and its own browser. No right of anybody's is in them. Nor is one in what the server leaves by itself, whoever asks: it
 * writes to see whether it can (`probe`).
 */
const tries = ['sign-in-failures', 'request-count', 'console-calls', 'once-answered', 'probe'];

/** What a browser leaves that is signed in with nobody: a place among a thousand (`nobodysSession`). */
export const sessionOfNobody = ['session of nobody', 'session-uid', 'nobodys-session', 'nobodys-session-count'];

/** What a step of a flow leaves with which it does not go on: that it was taken, and nobody who is signed in. */
export const inAFlow = ['interaction', 'unfinished', 'unfinished-count', 'used-sign-in', ...sessionOfNobody];

/** `clock`: of the server. */
export async function watchStore({ now }: { now(): number } = Date): Promise<Watched> {
  const kept = await testStores.SQLite();
  return {
    kept,
    env: kept.env,
    async changesNothing(attempt, but = []) {
      const mayChange = new RegExp(`^(bkend:)?(${[...tries, ...but].join('|')})(:|$)`);
      const before = content(kept, mayChange);
      const answer = await attempt();
      const after = content(kept, mayChange);
      // What is over leaves once a minute, whoever asks for something meanwhile.
      const isThere = now();
      const lasting = (rows: Row[]) => rows.filter(({ until }) => until > isThere).map(({ text }) => text);
      expect(lasting(after)).toEqual(lasting(before));
      return answer;
    },
    close: kept.close,
    [Symbol.asyncDispose]: kept.close,
  };
}

export async function startAttacked(options: TestServerOptions = {}): Promise<Attacked> {
  const watched = await watchStore();
  const server = await startServer({ ...options, env: { ...watched.env, ...options.env } });
  const person = createPerson(server.origin);
  const client = await registerClient(server.issuer);
  const close = async () => {
    await server.close();
    await watched.close();
  };
  const approved: Attacked['approved'] = async (by = client, parameters = {}) => {
    const { url, verifier, state } = by.authorizationRequest({ scope: 'project:read', ...parameters });
    return { callback: await person.approves(url), verifier, state };
  };
  return {
    ...watched,
    server,
    person,
    client,
    approved,
    async connected(by = client, parameters = {}) {
      const { callback, verifier } = await approved(by, parameters);
      return (await by.exchange(callback, verifier)).body;
    },
    async opensInVain(parameters, by = client) {
      const { url, state } = by.authorizationRequest(parameters);
      return { ...(await watched.changesNothing(() => person.browser.open(url.href))), state };
    },
    registers: (metadata) => registerClient(server.issuer, metadata),
    stranger: () => createPlainBrowser(server.origin),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Every row with what it holds, the mark of what was taken or advanced and the feed among them: redeeming a code, or
 * renewing, changes nothing else of its record. How long a row has left is not compared: a session lives on with each use.
 */
function content({ env }: TestStore, mayChange: RegExp): Row[] {
  using database = new DatabaseSync(String(env.DATABASE), { readOnly: true });
  const rows = database
    .prepare(
      `SELECT key, value || ' ' || coalesce(mark, '') AS held, expires_at AS until FROM records
       UNION ALL SELECT set_key, member, expires_at FROM members
       UNION ALL SELECT list_key, member || ' ' || due_at, NULL FROM list_members
       UNION ALL SELECT key, count, expires_at FROM counters
       UNION ALL SELECT feed, entry, NULL FROM entries`,
    )
    .all();
  const named = rows.map(({ key, held, until }) => ({ key: nameOf(String(key), String(held)), held, until }));
  return named
    .filter(({ key }) => !mayChange.test(key))
    .map(({ key, held, until }) => ({
      text: `${key} ${String(held).replace(/"exp":\d+,/, '')}`,
      until: Number(until ?? Number.POSITIVE_INFINITY),
    }))
    .sort((one, other) => (one.text < other.text ? -1 : 1));
}

interface Row {
  readonly text: string;
  /** In milliseconds, by the clock of the server. */
  readonly until: number;
}

const nameOf = (key: string, held: string) =>
  /^(bkend:)?session:/.test(key) && !held.includes('"accountId"') ? key.replace('session:', 'session of nobody:') : key;
