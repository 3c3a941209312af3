import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Redis } from 'ioredis';
import { type Clock, createClock } from '../../src/clock.ts';
import { eventually } from './eventually.ts';
import { startRedis } from './redis.ts';

/** A real store that a test may look into from outside. */
export interface TestStore extends AsyncDisposable {
  /** The settings that let a server keep everything here. */
  readonly env: Record<string, string>;
  /** What a server is handed so that its clock goes with that of the store. */
  readonly parts: { readonly clock?: Clock };
  /** Resolves when the store's clock is so many seconds further: at once where it is handed one, else when they are over. */
  pass(seconds: number): Promise<void>;
  /**
   * Every key with what it holds; sets and counters as text. Without the feed, where what ended is mentioned on purpose,
   * and without answers, which are kept for seconds.
   */
  records(): Promise<TestStoreRecord[]>;
  /** Whatever a thief of the store would hold: all keys and values, on SQLite the bytes of its files. */
  bytes(): Promise<string>;
  close(): Promise<void>;
}

export interface TestStoreRecord {
  readonly key: string;
  readonly value: string;
  /** Undefined: kept for ever. */
  readonly secondsLeft: number | undefined;
}

export const testStores = { SQLite: openSqliteTestStore, Redis: openRedisTestStore } as const;
export type TestStoreKind = keyof typeof testStores;

/** The records of one kind, e.g. `refresh-token`. */
export async function recordsOf(kept: TestStore, kind: string): Promise<TestStoreRecord[]> {
  const ofKind = new RegExp(`^(bkend:)?${kind}:`);
  return (await kept.records()).filter(({ key }) => ofKind.test(key));
}

async function openSqliteTestStore(): Promise<TestStore> {
  const directory = await mkdtemp(join(tmpdir(), 'kept-'));
  const file = join(directory, 'auth.db');
  const close = () => rm(directory, { recursive: true, force: true });
  let ahead = 0;
  const clock = createClock(() => Date.now() + ahead * 1000);
  return {
    env: { DATABASE: file },
    parts: { clock },
    async pass(seconds) {
      ahead += seconds;
    },
    async records() {
      using database = new DatabaseSync(file, { readOnly: true });
      const rows = database
        .prepare(
          `SELECT key, value, expires_at AS expiresAt FROM records
           UNION ALL SELECT set_key, member, expires_at FROM members
           UNION ALL SELECT key, count, expires_at FROM counters`,
        )
        .all();
      return rows.map(({ key, value, expiresAt }) => ({
        key: String(key),
        value: String(value),
        secondsLeft: expiresAt === null ? undefined : (Number(expiresAt) - clock.now()) / 1000,
      }));
    },
    async bytes() {
      const files = await readdir(directory);
      return (await Promise.all(files.map((name) => readFile(join(directory, name), 'latin1')))).join('\n');
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function openRedisTestStore(): Promise<TestStore> {
  const server = await startRedis();
  const client = new Redis(server.url);
  const close = async () => {
    await client.quit();
    await server.stop();
  };
  const all = async () => Promise.all((await client.keys('*')).map((key) => readKey(client, key)));
  const isTelling = ({ key }: TestStoreRecord) => /(^|:)(revocations$|answer:)/.test(key);
  const records = async () => (await all()).filter((record) => !isTelling(record));
  const now = async () => {
    const [whole, micro] = await client.time();
    return Number(whole) * 1000 + Number(micro) / 1000;
  };
  return {
    env: { REDIS_URL: server.url },
    parts: {},
    async pass(seconds) {
      const until = (await now()) + seconds * 1000;
      await eventually(async () => (await now()) >= until);
    },
    records,
    bytes: async () => (await all()).map(({ key, value }) => `${key}\n${value}`).join('\n'),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function readKey(client: Redis, key: string): Promise<TestStoreRecord> {
  const value = await readers[await client.type(key)]?.(client, key);
  const msLeft = await client.pttl(key);
  return { key, value: value ?? '', secondsLeft: msLeft < 0 ? undefined : msLeft / 1000 };
}

const readers: Record<string, (client: Redis, key: string) => Promise<string | null>> = {
  string: (client, key) => client.get(key),
  set: async (client, key) => (await client.smembers(key)).join('\n'),
  stream: async (client, key) => JSON.stringify(await client.xrange(key, '-', '+')),
};
