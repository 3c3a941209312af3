import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AdapterPayload } from 'oidc-provider';
// @ts-expect-error The types do not cover it; the reference is the point of this import.
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';
import {
  createAdapter,
  createRecordNames,
  createVault,
  openStore,
  type Store,
  type StoreLocation,
} from '../../src/storage/index.ts';
import { startClock, stopClock } from '../support/clock.ts';
import { startRedis, startRedisCluster } from '../support/redis.ts';
import { anAdapter } from './adapter-conformance.ts';

const vault = createVault('a secret that only tests may know');

function openAdapter(location: StoreLocation, prefix: string, refreshGrace = 60) {
  const store = openStore(location, () => undefined);
  const keys = createRecordNames(prefix, vault);
  return { store, names, adapter: createAdapter({ store, names, vault, refreshGrace }), close: () => store.close() };
}

anAdapter(
  "oidc-provider's own MemoryAdapter",
  async () => ({ adapter: createMemoryAdapter(), close: async () => undefined }),
  { takesOnce: false },
);

anAdapter('the adapter over SQLite', async () => openAdapter({ kind: 'sqlite', file: ':memory:' }, ''), {
  takesOnce: true,
});

anAdapter(
  'the adapter over Redis',
  async () => {
    const redis = await startRedis();
    const opened = openAdapter({ kind: 'redis', connection: { kind: 'single', url: redis.url } }, 'adapter:');
    return { ...opened, close: () => opened.close().then(() => redis.stop()) };
  },
  { takesOnce: true },
);

anAdapter(
  'the adapter over Redis Cluster',
  async () => {
    const cluster = await startRedisCluster();
    const opened = openAdapter({ kind: 'redis', connection: { kind: 'cluster', nodes: cluster.nodes } }, 'adapter:');
    return { ...opened, close: () => opened.close().then(() => cluster.stop()) };
  },
  { takesOnce: true },
);

describe('our adapter', () => {
  const start = Date.parse('2026-01-01T00:00:00Z');
  let store: Store;
  let opened: ReturnType<typeof openAdapter>;
  const of = (model: string) => opened.adapter(model);
  const payload = (fields: object) => fields as AdapterPayload;

  beforeAll(() => {
    stopClock();
    jest.setSystemTime(start);
    opened = openAdapter({ kind: 'sqlite', file: ':memory:' }, '');
    store = opened.store;
  });
  afterAll(async () => {
    startClock();
    await opened.close();
  });

  it('hides that a refresh token was used for as long as the grace, and keeps the first time (decision 6)', async () => {
    await of('RefreshToken').upsert('rotated', payload({ jti: 'rotated' }), 600);
    await of('RefreshToken').consume('rotated');
    jest.setSystemTime(start + 59_000);
    await expect(of('RefreshToken').consume('rotated')).resolves.toBeUndefined();
    expect((await of('RefreshToken').find('rotated'))?.consumed).toBeUndefined();

    jest.setSystemTime(start + 60_000);
    expect((await of('RefreshToken').find('rotated'))?.consumed).toBe(start / 1000);
    await expect(of('RefreshToken').consume('rotated')).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('never writes over a successor, so that one that was used stays used', async () => {
    await of('RefreshToken').upsert('successor', payload({ jti: 'successor', scope: 'first' }), 600);
    await of('RefreshToken').consume('successor');
    await of('RefreshToken').upsert('successor', payload({ jti: 'successor', scope: 'second' }), 600);
    expect(await store.read(opened.names.artefact('RefreshToken', 'successor'))).toMatchObject({
      value: JSON.stringify({ scope: 'first' }),
      takenAt: expect.any(Number),
    });
  });

  it('lets grant and connection live as long as the newest refresh token (decision 7)', async () => {
    jest.setSystemTime(start);
    await of('Grant').upsert('g1', payload({ jti: 'g1', accountId: 'ada', exp: start / 1000 + 60 }), 60);
    await store.write(opened.names.connection('g1'), '{}', 60);
    await of('RefreshToken').upsert('newest', payload({ jti: 'newest', grantId: 'g1' }), 600);

    jest.setSystemTime(start + 599_000);
    expect(await of('Grant').find('g1')).toEqual({ accountId: 'ada', jti: 'g1', connection: {} });
    expect(await store.read(opened.names.connection('g1'))).toBeDefined();
    jest.setSystemTime(start + 600_000);
    expect(await of('Grant').find('g1')).toBeUndefined();
  });

  it('notes a client assertion once, even when it is used twice at the same moment (RFC 7523 §3)', async () => {
    const uses = Array.from({ length: 20 }, () => of('ReplayDetection').upsert('jti', payload({ iss: 'client' }), 60));
    const results = await Promise.allSettled(uses);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(of('ReplayDetection').upsert('jti', payload({}), 60)).rejects.toMatchObject({
      error: 'invalid_client',
    });
  });

  it('ends the connection with its grant', async () => {
    await of('Grant').upsert('g2', payload({ jti: 'g2' }), 60);
    await store.write(opened.names.connection('g2'), '{}', 60);
    await of('Grant').destroy('g2');
    expect(await store.read(opened.names.connection('g2'))).toBeUndefined();
  });

  it('stores of a client secret only what cannot be presented, and gives the whole back', async () => {
    const secret = vault.createSplitSecret();
    await of('Client').upsert('dyn-2', payload({ client_id: 'dyn-2', client_secret: secret }));
    const stored = await store.read(opened.names.artefact('Client', 'dyn-2'));
    expect(stored?.value).not.toContain(secret.slice(22));
    expect(await of('Client').find('dyn-2')).toEqual({ client_id: 'dyn-2', client_secret: secret });
  });

  it('keeps no cookie value of the session in an interaction', async () => {
    await of('Interaction').upsert('flow', payload({ jti: 'flow', session: { uid: 'u', cookie: 'the-cookie' } }), 60);
    expect((await store.read(opened.names.artefact('Interaction', 'flow')))?.value).toBe('{"session":{"uid":"u"}}');
  });

  it('gives a session that was found by its uid no identifier: nobody may present what only the browser has', async () => {
    await of('Session').upsert('cookie', payload({ jti: 'cookie', uid: 'only-uid' }), 60);
    expect(await of('Session').findByUid('only-uid')).toEqual({ uid: 'only-uid' });
  });
});
