import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { createRedisStore, type RedisConnection } from '../../src/storage/redis/index.ts';
import { redisAccess, redisHost } from '../../src/storage/redis/redis-connection.ts';
import { closing, operatorOf } from '../support/closing.ts';
import { untilDone } from '../support/eventually.ts';
import { freePort, startRedis, startRedisSentinel } from '../support/redis.ts';
import { fresh } from '../support/shared.ts';
import { temporaryFolder } from '../support/spawned-server.ts';

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
  const storeOf = (connection: RedisConnection) => closing(createRedisStore({ connection }));

  it('signs in with user and password, and keeps to its database', async () => {
    await using server = await startRedis({ configuration: 'user ada on >lovelace ~* +@all' });
    await using store = storeOf({ kind: 'single', url: server.url.replace('//', '//ada:lovelace@').concat('/5') });
    await store.write('kept', '{"a":1}');
    using observer = operatorOf(server, { db: 5 });
    expect(await observer.get('kept')).toBe('{"a":1}');
    await observer.select(0);
    expect(await observer.get('kept')).toBeNull();
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
    await using store = storeOf({ kind: 'single', url: server.url.replace('//', '//:wrong@') });
    const cause = { message: expect.stringMatching(/^WRONGPASS/) };
    await expect(store.ping()).rejects.toMatchObject({ status: 503, cause });
  });

  describe('behind Sentinels', () => {
    const former = fresh(startRedis);
    const next = fresh(startRedis);
    const sentinels = fresh(() => startRedisSentinel(former.port));
    const store = fresh(() =>
      storeOf({ kind: 'sentinel', sentinels: [{ host: '127.0.0.1', port: sentinels.port }], name: 'bkend' }),
    );
    /** From then on the Sentinels name the next one. */
    const failOver = async () => {
      using sentinel = operatorOf(sentinels);
      await sentinel.call('SENTINEL', 'REMOVE', 'bkend');
      await sentinel.call('SENTINEL', 'MONITOR', 'bkend', '127.0.0.1', next.port, 1);
    };

    it.each([
      ['finds the primary that they name, and the one they name after a failover', () => former.kill()],
      [
        'leaves a primary that has become a replica and refuses writes',
        async () => {
          using demoted = operatorOf(former);
          await demoted.replicaof('127.0.0.1', next.port);
        },
      ],
    ])('%s', async (_what, gone) => {
      await store.write('where', '{"at":"first"}');
      await failOver();
      await gone();
      await untilDone(() => store.write('where', '{"at":"next"}'));
      using observer = operatorOf(next);
      expect(await observer.get('where')).toBe('{"at":"next"}');
    });
  });

  it('speaks TLS, and to a server only whose certificate it can trust', async () => {
    await using folder = await temporaryFolder();
    const [key, certificate] = [join(folder.path, 'key.pem'), join(folder.path, 'certificate.pem')];
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
    // Closed once nobody answers them any more.
    await using stores = new AsyncDisposableStack();
    await using _server = await startRedis({ configuration });
    const ping = () => stores.use(storeOf({ kind: 'single', url: `rediss://localhost:${tlsPort}` })).ping();

    await expect(ping()).rejects.toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    const trusted = getCACertificates();
    setDefaultCACertificates([...trusted, readFileSync(certificate, 'utf8')]);
    await expect(ping()).resolves.toBeUndefined();
    setDefaultCACertificates(trusted);
  });
});
