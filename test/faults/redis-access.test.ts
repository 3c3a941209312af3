import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { createRedisStore, findMissingRights } from '../../src/storage/redis/index.ts';
import { connect } from '../support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort, startRedis, startRedisSentinel } from '../support/redis.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** The line of the README, with another password. */
const rights = () => /ACL SETUSER bkend on >PASSWORD (.+)/.exec(readFileSync('README.md', 'utf8'))?.[1] as string;

describe('a Redis with TLS and users of its own', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'certificate-'));
    const create = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const out = ['-keyout', file('key.pem'), '-out', file('ca.pem')];
    execFileSync('openssl', [...create, ...names, ...out], { stdio: 'ignore' });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const tls = (port: number) =>
    `tls-port ${port}\ntls-cert-file ${file('ca.pem')}\ntls-key-file ${file('key.pem')}\n` +
    `tls-ca-cert-file ${file('ca.pem')}\ntls-auth-clients no\ntls-replication yes\ntls-cluster yes\n`;
  const user = () => `user default on >admin ~* &* +@all\nuser bkend on >s3cret ${rights()}\n`;
  const access = () => ({
    REDIS_USERNAME: 'bkend',
    REDIS_PASSWORD: 's3cret',
    REDIS_TLS: '1',
    REDIS_CA_FILE: file('ca.pem'),
  });
  const serves = async (env: Record<string, string>) => {
    await using server = await startServer({ env });
    expect((await fetch(`${server.origin}/readyz`)).status).toBe(200);
    expect(server.logLines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  };

  it('serves alone, with the rights of the README and no others (R117)', async () => {
    const port = await freePort();
    await using _redis = await startRedis({ configuration: tls(port) + user() });
    await serves({ REDIS_URL: `rediss://localhost:${port}`, ...access() });
  });

  it('serves as a cluster', async () => {
    const [port, bus] = [await freePort(), await freePort()];
    const configuration = `${tls(port)}${user()}cluster-enabled yes\ncluster-port ${bus}\ncluster-announce-ip 127.0.0.1\n`;
    await using redis = await startRedis({ configuration });
    const operator = new Redis(redis.port, { password: 'admin' });
    await operator.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
    await redis.logged('Cluster state changed: ok');
    operator.disconnect();
    await serves({ REDIS_CLUSTER_NODES: `127.0.0.1:${port}`, ...access() });
  });

  it('serves behind Sentinels that want a password of their own', async () => {
    const [port, sentinelPort] = [await freePort(), await freePort()];
    await using _redis = await startRedis({ configuration: tls(port) + user() });
    const own = 'user default off\nuser watch on >dog ~* &* +@all\n';
    await using _sentinel = await startRedisSentinel(
      port,
      `sentinel auth-pass bkend admin\n${tls(sentinelPort)}${own}`,
    );
    await serves({
      REDIS_SENTINELS: `127.0.0.1:${sentinelPort}`,
      REDIS_SENTINEL_NAME: 'bkend',
      REDIS_SENTINEL_USERNAME: 'watch',
      REDIS_SENTINEL_PASSWORD: 'dog',
      ...access(),
    });
  });
});

describe('a Redis that would fail later', () => {
  const production = (url: string) => ({
    NODE_ENV: 'production',
    PORT: '0',
    ISSUER: 'https://auth.example.com/mcp',
    STORE_SECRET: 'a secret that only this test may know',
    COOKIE_KEYS: 'a cookie key that only this test may know',
    DEMO: '0',
    REDIS_URL: url,
  });
  const refusal = async (env: Record<string, string>) => {
    await using folder = await temporaryFolder();
    const server = startProcess(folder.path, env);
    const code = await server.exit;
    return { code, said: server.output.stderr };
  };

  it('is refused with the names of the rights that its user lacks (R117)', async () => {
    await using redis = await startRedis({ configuration: `user bkend on >pw ${rights()} -xadd -xinfo|stream\n` });
    const { code, said } = await refusal(production(redis.url.replace('//', '//bkend:pw@')));
    expect(code).toBe(1);
    expect(said).toMatch(/lacks rights in Redis: XADD/);
    expect(said).not.toContain('    at ');
  });

  /** The others are the connection's own: of a cluster, or for another database than the first. */
  const noticed = rights()
    .split(' ')
    .filter((right) => /^\+(?!select|quit|cluster|command|readonly)/.test(right))
    .map((right) => right.slice(1));

  it('names each of the rights of the README that its user lacks, alone or among those of one script (R117)', async () => {
    await using redis = await startRedis();
    // ioredis prints that it may not ask INFO whether Redis is ready.
    using _quiet = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await using stack = new AsyncDisposableStack();
    const operator = stack.adopt(new Redis(redis.url), (client) => client.disconnect());
    for (const right of noticed) {
      await operator.call('ACL', 'SETUSER', 'poor', 'reset', 'on', '>pw', ...rights().split(' '), `-${right}`);
      const url = redis.url.replace('//', '//poor:pw@');
      const store = createRedisStore({ connection: { kind: 'single', url }, prefix: 'bkend:' });
      const missing = await findMissingRights(store, 'bkend:probe:{x}');
      await store.close();
      expect([right, missing.join()]).toEqual([
        right,
        expect.stringMatching(new RegExp(`\\b${right.replace('|', '.')}\\b`, 'i')),
      ]);
    }
  });

  it('is refused in production when it evicts, and warned of in development, with a count of what is lost (R116)', async () => {
    await using redis = await startRedis({ configuration: 'maxmemory 4mb\nmaxmemory-policy allkeys-lru\n' });
    const { code, said } = await refusal(production(redis.url));
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('maxmemory-policy allkeys-lru') });

    await using server = await startServer({ env: { REDIS_URL: redis.url } });
    await fetch(`${server.origin}/readyz`);
    const lines = (event: string) => server.logLines.filter((line) => line.event === event);
    expect(lines('store.evicts')).toEqual([expect.objectContaining({ level: 40, policy: 'allkeys-lru' })]);
    const filler = new Redis(redis.url);
    for (let n = 0; n < 400; n += 1) await filler.set(`filler-${n}`, 'x'.repeat(20_000));
    filler.disconnect();
    await eventually(async () => {
      await fetch(`${server.origin}/readyz`);
      return lines('store.evicted').length > 0;
    });
    expect(lines('store.evicted')).toEqual([expect.objectContaining({ level: 40, keys: expect.any(Number) })]);
  });

  it.each([
    ['have connected', (server: TestServer) => connect(server)],
    [
      'connected under a version that kept a set of them',
      (_server: TestServer, operator: Redis) => keptAsSet(operator),
    ],
  ])('says that a record of keys is lost when it makes a new one where people %s (R116)', async (_who, connected) => {
    await using redis = await startRedis();
    const operator = new Redis(redis.url);
    const before = await startServer({ env: { REDIS_URL: redis.url } });
    await connected(before, operator);
    await before.close();
    await operator.del('bkend:signing-keys');
    operator.disconnect();
    await using server = await startServer({ env: { REDIS_URL: redis.url } });
    expect(server.logLines).toContainEqual(expect.objectContaining({ event: 'keys.lost', record: 'signing-keys' }));
  });
});

async function keptAsSet(operator: Redis): Promise<void> {
  const account = await operator.srandmember('bkend:accounts');
  await operator.sadd(`bkend:account-connections:{${account}}`, 'a-connection');
}
