import { DatabaseSync } from 'node:sqlite';
import { expect } from '@jest/globals';
import { createPerson } from './person.ts';
import { type RelyingParty, registerClient } from './relying-party.ts';
import { startServer, type TestServerOptions } from './server.ts';
import { type TestStore, testStores } from './test-store.ts';

/**
 * What an attempt that is refused may leave, by the names of storage/record-names.ts: how often was tried
 * (`signInFailures`, `requestCount`, `consoleCalls`), without which guessing had no limit; and what a form was answered (`onceAnswered`),
 * for some seconds and its own browser. No right of anybody's is in them.
 */
const tries = ['sign-in-failures', 'request-count', 'console-calls', 'once-answered'];

/** What a browser leaves that is signed in with nobody: a place among a thousand (`nobodysSession`). */
export const sessionOfNobody = ['session of nobody', 'session-uid', 'nobodys-session', 'nobodys-session-count'];

/** What a step of a flow leaves with which it does not go on: that it was taken, and nobody who is signed in. */
export const inAFlow = ['interaction', 'unfinished', 'unfinished-count', 'used-sign-in', ...sessionOfNobody];

export async function watchStore() {
  const kept = await testStores.SQLite();
  return {
    kept,
    env: kept.env,
    /** Does it, and fails if the store is another one afterwards, but for records of these kinds. */
    async changesNothing<T>(attempt: () => Promise<T>, but: readonly string[] = []) {
      const mayChange = new RegExp(`^(bkend:)?(${[...tries, ...but].join('|')})(:|$)`);
      const before = content(kept, mayChange);
      const answer = await attempt();
      expect(content(kept, mayChange)).toEqual(before);
      return answer;
    },
    close: kept.close,
    [Symbol.asyncDispose]: kept.close,
  };
}

/** A store that is looked into, for whoever starts a server on it. */
export type Watched = Awaited<ReturnType<typeof watchStore>>;

export async function startAttacked(options: TestServerOptions = {}) {
  const watched = await watchStore();
  const server = await startServer({ ...options, env: { ...watched.env, ...options.env } });
  const person = createPerson(server.origin);
  const client = await registerClient(server.issuer);
  const close = async () => {
    await server.close();
    await watched.close();
  };
  return {
    ...watched,
    server,
    person,
    client,
    /** What was approved for the tool, or another client of this server, and not redeemed yet. */
    async approved(by: RelyingParty = client, parameters: Record<string, string | undefined> = {}) {
      const { url, verifier, state } = by.authorizationRequest({ scope: 'project:read', ...parameters });
      return { callback: await person.approves(url), verifier, state };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A server on such a store, somebody who approves, and their tool. */
export type Attacked = Awaited<ReturnType<typeof startAttacked>>;

/**
 * Every row with what it holds, the mark of what was taken or advanced and the feed among them: redeeming a code, or
 * renewing, changes nothing else of its record. How long a row has left is not compared: a session lives on with each use.
 */
function content({ env }: TestStore, mayChange: RegExp): string[] {
  using database = new DatabaseSync(String(env.DATABASE), { readOnly: true });
  const rows = database
    .prepare(
      `SELECT key, value || ' ' || coalesce(mark, '') AS held FROM records
       UNION ALL SELECT set_key, member FROM members
       UNION ALL SELECT list_key, member || ' ' || due_at FROM list_members
       UNION ALL SELECT key, count FROM counters
       UNION ALL SELECT feed, entry FROM entries`,
    )
    .all();
  const named = rows.map(({ key, held }) => ({ key: nameOf(String(key), String(held)), held }));
  return named
    .filter(({ key }) => !mayChange.test(key))
    .map(({ key, held }) => `${key} ${String(held).replace(/"exp":\d+,/, '')}`)
    .sort();
}

const nameOf = (key: string, held: string) =>
  /^(bkend:)?session:/.test(key) && !held.includes('"accountId"') ? key.replace('session:', 'session of nobody:') : key;
