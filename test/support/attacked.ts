import { DatabaseSync } from 'node:sqlite';
import { expect } from '@jest/globals';
import { createPerson, type Person } from './person.ts';
import { type RelyingParty, registerClient } from './relying-party.ts';
import { startServer, type TestServer, type TestServerOptions } from './server.ts';
import { type TestStore, testStores } from './test-store.ts';

/** A server on a store that is looked into, somebody who approves, and their tool. */
export interface Attacked {
  readonly server: TestServer;
  readonly kept: TestStore;
  readonly person: Person;
  readonly client: RelyingParty;
  /** What was approved for the tool, or another client of this server, and not redeemed yet. */
  approved(
    by?: RelyingParty,
    parameters?: Record<string, string | undefined>,
  ): Promise<{ callback: URL; verifier: string; state: string }>;
  /** Does it, and fails if the store is another one afterwards. */
  changesNothing<T>(attempt: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * What an attempt that is refused may leave, by the names of storage/record-names.ts: how often was tried
 * (`signInFailures`, `requestCount`), without which guessing had no limit; and what a form was answered (`onceAnswered`),
 * for thirty seconds and its own browser. No right of anybody's is in them.
 */
const mayChange = /^(bkend:)?(sign-in-failures|request-count|once-answered):/;

export async function startAttacked(options: TestServerOptions = {}): Promise<Attacked> {
  const kept = await testStores.SQLite();
  const server = await startServer({ ...options, env: { ...kept.env, ...options.env } });
  const person = createPerson(server.origin);
  const client = await registerClient(server.issuer);
  return {
    server,
    kept,
    person,
    client,
    async approved(by = client, parameters = {}) {
      const { url, verifier, state } = by.authorizationRequest({ scope: 'project:read', ...parameters });
      return { callback: await person.approves(url), verifier, state };
    },
    async changesNothing(attempt) {
      const before = content(kept);
      const answer = await attempt();
      expect(content(kept)).toEqual(before);
      return answer;
    },
    async close() {
      await server.close();
      await kept.close();
    },
  };
}

/**
 * Every row with what it holds, the mark of what was taken or advanced and the feed among them: redeeming a code, or
 * renewing, changes nothing else of its record. How long a row has left is not compared.
 */
function content({ env }: TestStore): string[] {
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
  const lasting = rows.filter(({ key }) => !mayChange.test(String(key)));
  return lasting.map(({ key, held }) => `${key} ${held}`).sort();
}
