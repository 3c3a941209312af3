import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOneRequest, type Store } from '../../src/storage/index.ts';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { startRedisCluster } from '../support/redis.ts';
import { startServer } from '../support/server.ts';

/** Nobody is answered later, whatever the store does. */
const latestMs = 3000;

/** A request whose every question fails, and which asks on. */
async function timeOf(store: Store, verb: (store: Store, n: number) => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await asOneRequest(async () => {
    for (let n = 0; n < 3; n += 1)
      await expect(verb(store, n)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 });
  });
  return performance.now() - begun;
}

describe('a request that asks the store again and again waits for it once in all (R125)', () => {
  it('while one node of a cluster is silent', async () => {
    await using cluster = await startRedisCluster();
    const [first] = cluster.nodes;
    const store = createRedisStore({ connection: { kind: 'cluster', nodes: cluster.nodes } });
    // Of the keys of this node: the slot of {b} is 3300.
    await store.write('{b}', '{}');
    process.kill(first?.pid ?? 0, 'SIGSTOP');
    expect(await timeOf(store, () => store.read('{b}'))).toBeLessThan(latestMs);
    expect(await timeOf(store, (_, n) => store.count(`{b}${n}`, 60))).toBeLessThan(latestMs);
    expect(await timeOf(store, (_, n) => store.append(`{b}${n}`, '{}', 60))).toBeLessThan(latestMs);
    process.kill(first?.pid ?? 0, 'SIGCONT');
    await store.close();
  });

  it('and is answered by the server in time, whichever node is silent', async () => {
    await using cluster = await startRedisCluster();
    const nodes = cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(',');
    await using server = await startServer({ env: { REDIS_CLUSTER_NODES: nodes } });
    const body = JSON.stringify({ redirect_uris: ['http://127.0.0.1:8765/callback'] });
    const headers = { 'Content-Type': 'application/json' };
    const registers = () => fetch(`${server.issuer}/oauth/register`, { method: 'POST', headers, body });
    expect((await registers()).status).toBe(201);
    for (const { pid } of cluster.nodes) {
      process.kill(pid, 'SIGSTOP');
      const asked = Array.from({ length: 10 }, async () => {
        const begun = performance.now();
        const { status } = await registers();
        expect([201, 503]).toContain(status);
        return performance.now() - begun;
      });
      for (const ms of await Promise.all(asked)) expect(ms).toBeLessThan(latestMs);
      process.kill(pid, 'SIGCONT');
    }
  });

  describe('on SQLite', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('while another process has the lock', async () => {
      const store = createSqliteStore(join(folder, 'auth.db'));
      const other = new DatabaseSync(join(folder, 'auth.db'));
      other.exec('BEGIN IMMEDIATE');
      expect(await timeOf(store, () => store.write('k', '{}'))).toBeLessThan(latestMs);
      other.exec('ROLLBACK');
      await asOneRequest(() => store.write('k', '{}'));
      other.close();
      await store.close();
    });
  });
});
