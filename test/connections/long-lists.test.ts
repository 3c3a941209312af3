import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Connection, type Connections, createConnections } from '../../src/connections/index.ts';
import type { Store } from '../../src/storage/index.ts';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { days } from '../support/clock.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { aConnection, names, start } from './a-connection.ts';

const total = 20_000;
const nameOf = (n: number) => `grant-${String(n).padStart(5, '0')}`;
const acme = { organizationId: 'org_acme' };
const page = (number: number) => ({ number, size: 50 });
const idsOf = (found: readonly Connection[]) => found.map(({ id }) => id);

/** What a verb was asked for, and how much it was given or answered: records, members, ids. */
type Asked = Readonly<{ verb: string; size: number }>;

describe.each(['SQLite', 'Redis'])('a list of 20,000 connections on %s', (kind) => {
  let redis: RedisServer | undefined;
  let store: Store;
  let connections: Connections;
  let asked: Asked[];
  let ended: string[];

  beforeAll(async () => {
    redis = kind === 'Redis' ? await startRedis() : undefined;
    store = redis
      ? createRedisStore({ connection: { kind: 'single', url: redis.url } })
      : createSqliteStore(':memory:');
    asked = [];
    ended = [];
    connections = over(watched(store));
    for (let at = 0; at < total; at += 500)
      await Promise.all(Array.from({ length: 500 }, (_, n) => connections.begin(the(at + n), days(1))));
    asked = [];
  });
  afterAll(async () => {
    await store.close();
    await redis?.stop();
  });
  afterEach(() => {
    asked = [];
    ended = [];
  });

  /** Of 100 accounts and of two clients. */
  const the = (n: number) =>
    aConnection({
      id: nameOf(n),
      accountId: n % 2 ? 'ada' : `account-${n % 100}`,
      clientId: `dyn-${n % 2}`,
      createdAt: start + n,
      lines: ['line'],
    });
  const over = (kept: Store) => {
    const revocations = { connectionEnded: async ({ id }: { id: string }) => void ended.push(id) };
    return createConnections({ store: kept, names, revocations, onEnded: () => undefined });
  };
  const sizeOf = (value: unknown): number => {
    if (Array.isArray(value)) return value.length;
    return typeof value === 'object' && value !== null && 'entries' in value && 'due' in value
      ? sizeOf(value.entries) + sizeOf(value.due)
      : 0;
  };
  const watched = (kept: Store): Store =>
    new Proxy(kept, {
      get(target, name) {
        const method = Reflect.get(target, name).bind(target);
        return async (...given: unknown[]) => {
          const answer = await method(...given);
          asked.push({ verb: String(name), size: Math.max(sizeOf(answer), ...given.map(sizeOf)) });
          return answer;
        };
      },
    });
  const largest = () => Math.max(...asked.map(({ size }) => size));
  const verbs = () => asked.map(({ verb }) => verb);

  it.each([1, 200, 400])(
    'is read by page: page %d costs three questions, and the records of a page',
    async (number) => {
      const found = await connections.findPage(acme, page(number));
      const expected = Array.from({ length: 50 }, (_, n) => nameOf(total - 1 - (number - 1) * 50 - n));
      expect(idsOf(found.connections)).toEqual(expected);
      expect(found).toMatchObject({ number, total, isExact: true });
      expect(verbs()).toEqual(['someMembers', 'readList', 'readMany']);
      expect(largest()).toBe(50);
    },
  );

  it('has no page beyond its last one, whatever is asked for', async () => {
    for (const number of [401, 9_007_199_254_740_991])
      expect(await connections.findPage(acme, page(number))).toMatchObject({ number: 400, total });
  });

  it('takes one more by what a list of ten takes, and lets one go so', async () => {
    const costs = async (organizationId: string) => {
      asked = [];
      const connection = { ...the(0), id: `another-of-${organizationId}`, organizationId };
      await connections.begin(connection, days(1));
      await connections.end(connection.id, 'revoked by the person');
      return asked;
    };
    const small = await costs('org_small');
    expect(await costs('org_acme')).toEqual(small);
    expect(Math.max(...small.map(({ size }) => size))).toBeLessThanOrEqual(2);
  });

  it('lets go of those that have expired as its pages are read, and counts what is left', async () => {
    const gone = [total - 1, total - 2, total - 60].map(nameOf);
    await store.remove(gone.map((id) => names.connection(id)));
    const first = await connections.findPage(acme, page(1));
    expect(idsOf(first.connections)[0]).toBe(nameOf(total - 3));
    expect(first).toMatchObject({ total: total - 2 });
    const second = await connections.findPage(acme, page(2));
    expect(second.connections).toHaveLength(50);
    expect(second).toMatchObject({ total: total - 3 });
  });

  it('is walked through in slices, and misses none when others begin and end on the way', async () => {
    const seen = new Set<string>();
    let slices = 0;
    for await (const slice of connections.slicesOf({ clientId: 'dyn-0' })) {
      expect(slice.length).toBeLessThanOrEqual(500);
      for (const { id } of slice) seen.add(id);
      slices += 1;
      await connections.begin({ ...the(0), id: `on-the-way-${slices}`, createdAt: start + total + slices }, days(1));
      const [first] = slice;
      if (first) await connections.end(first.id, 'revoked by the person');
    }
    const there = Array.from({ length: total / 2 }, (_, n) => nameOf(2 * n)).filter((id) => !ended.includes(id));
    expect(there.filter((id) => !seen.has(id) && id !== nameOf(total - 2) && id !== nameOf(total - 60))).toEqual([]);
    expect(largest()).toBeLessThanOrEqual(500);
  });

  it('is ended in slices, all of it and nothing else, and whatever begins meanwhile', async () => {
    let late = 0;
    const during = over(
      new Proxy(watched(store), {
        get(target, name) {
          const method = Reflect.get(target, name);
          if (name !== 'readList' || late >= 3) return method;
          return async (...given: unknown[]) => {
            late += 1;
            // Its clock is behind: it stands where the walk has been, or will be.
            const connection = { ...the(1), id: `late-${late}`, createdAt: start + late * 7000 };
            await over(store).begin(connection, days(1));
            return method(...given);
          };
        },
      }),
    );
    const isMeant = ({ id }: Connection) => id.startsWith('late') || Number(id.slice(6)) % 4 === 1;
    const count = await during.endAll({ accountId: 'ada' }, 'membership ended', isMeant);
    expect(new Set(ended).size).toBe(count);
    expect(ended.filter((id) => id.startsWith('late')).sort()).toEqual(['late-1', 'late-2', 'late-3']);
    const left = await connections.findPage({ accountId: 'ada' }, page(1));
    expect(left.total).toBe(total / 2 - (count - 3) - 1);
    expect(left.connections.every((connection) => !isMeant(connection))).toBe(true);
    expect(largest()).toBeLessThanOrEqual(500);
  });
});
