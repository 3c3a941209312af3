import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createRedisStore, type RedisConnection, type RedisStore } from '../../src/storage/redis/index.ts';
import { redisAccess, redisHost } from '../../src/storage/redis/redis-connection.ts';
import { untilDone } from '../support/eventually.ts';
import { freePort, startRedis, startRedisSentinel } from '../support/redis.ts';

describe('the address of a Redis', () => {
  it.each([
    { url: 'redis://cache', host: { host: 'cache', port: 6379 }, access: {} },
    { url: 'redis://cache:7000/3', host: { host: 'cache', port: 7000 }, access: { db: 3 } },
    { url: 'redis://[::1]:7000', host: { host: '::1', port: 7000 }, access: {} },
    { url: 'redis://:p%40ss@cache', host: { host: 'cache', port: 6379 }, access: { password: 'p@ss' } },
    {
      url: 'rediss://ad%3Aa:lovelace@cache/0',
      host: { host: 'cache', port: 6379 },
      access: { username: 'ad:a', password: 'lovelace', db: 0, tls: {} },
    },
  ])('is read from $url', ({ url, host, access }) => {
    expect(redisHost(url)).toEqual(host);
    expect(redisAccess(url)).toEqual(access);
  });

  it('brings nothing when there is none', () => {
    expect(redisAccess(undefined)).toEqual({});
  });
});

describe('the Redis store', () => {
  const stores: RedisStore[] = [];
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });
  const storeOf = (connection: RedisConnection) => {
    const store = createRedisStore({ connection });
    stores.push(store);
    return store;
  };

  it('signs in with user and password, and keeps to its database', async () => {
    await using server = await startRedis({ configuration: 'user ada on >lovelace ~* +@all' });
    const store = storeOf({ kind: 'single', url: server.url.replace('//', '//ada:lovelace@').concat('/5') });
    await store.write('kept', '{"a":1}');
    const observer = new Redis(server.url, { db: 5 });
    expect(await observer.get('kept')).toBe('{"a":1}');
    await observer.select(0);
    expect(await observer.get('kept')).toBeNull();
    observer.disconnect();
  });

  it('leaves no timer behind that keeps a process from its end: what waited for the connection waits no more', async () => {
    await using server = await startRedis();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const store = createRedisStore({ connection: { kind: 'single', url: server.url } });
    await Promise.all(Array.from({ length: 10 }, (_, at) => store.write(`early ${at}`, '{}')));
    await store.close();
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('is unavailable with a wrong password', async () => {
    await using server = await startRedis({ configuration: 'requirepass right' });
    await expect(storeOf({ kind: 'single', url: server.url.replace('//', '//:wrong@') }).ping()).rejects.toMatchObject({
      status: 503,
      cause: { message: expect.stringMatching(/^WRONGPASS/) },
    });
  });

  it('finds the primary that the sentinels name, and the one they name after a failover', async () => {
    await using primary = await startRedis();
    await using next = await startRedis();
    await using sentinelServer = await startRedisSentinel(primary.port);
    const { port } = sentinelServer;
    const sentinel = new Redis(port);
    const store = storeOf({ kind: 'sentinel', sentinels: [{ host: '127.0.0.1', port }], name: 'bkend' });
    await store.write('where', '{"at":"first"}');

    await sentinel.call('SENTINEL', 'REMOVE', 'bkend');
    await sentinel.call('SENTINEL', 'MONITOR', 'bkend', '127.0.0.1', next.port, 1);
    await primary.kill();
    await untilDone(() => store.write('where', '{"at":"second"}'));

    const observer = new Redis(next.url);
    expect(await observer.get('where')).toBe('{"at":"second"}');
    observer.disconnect();
    sentinel.disconnect();
  });

  it('leaves a primary that has become a replica and refuses writes', async () => {
    await using former = await startRedis();
    await using next = await startRedis();
    await using sentinelServer = await startRedisSentinel(former.port);
    const { port } = sentinelServer;
    const sentinel = new Redis(port);
    const store = storeOf({ kind: 'sentinel', sentinels: [{ host: '127.0.0.1', port }], name: 'bkend' });
    await store.ping();

    const demoted = new Redis(former.url);
    await sentinel.call('SENTINEL', 'REMOVE', 'bkend');
    await sentinel.call('SENTINEL', 'MONITOR', 'bkend', '127.0.0.1', next.port, 1);
    await demoted.replicaof('127.0.0.1', next.port);
    await untilDone(() => store.write('where', '{"at":"next"}'));

    const observer = new Redis(next.url);
    expect(await observer.get('where')).toBe('{"at":"next"}');
    observer.disconnect();
    demoted.disconnect();
    sentinel.disconnect();
  });

  it('speaks TLS, and to a server only whose certificate it can trust', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
        ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
        ...['-keyout', key, '-out', certificate],
      ],
      { stdio: 'ignore' },
    );
    const tlsPort = await freePort();
    const configuration = `tls-port ${tlsPort}\ntls-cert-file ${certificate}\ntls-key-file ${key}\ntls-auth-clients no`;
    await using _server = await startRedis({ configuration });
    const url = `rediss://localhost:${tlsPort}`;

    await expect(storeOf({ kind: 'single', url }).ping()).rejects.toMatchObject({
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    const trusted = getCACertificates();
    setDefaultCACertificates([...trusted, readFileSync(certificate, 'utf8')]);
    await expect(storeOf({ kind: 'single', url }).ping()).resolves.toBeUndefined();
    setDefaultCACertificates(trusted);
    rmSync(folder, { recursive: true });
  });
});
