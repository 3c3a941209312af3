import { describe, expect, it } from '@jest/globals';
import type { AdapterPayload } from 'oidc-provider';
// @ts-expect-error The types do not cover it; the reference is the point of this import.
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';
import type { RedisConnection } from '../../src/storage/redis/index.ts';
import { startRedis, startRedisCluster } from '../support/redis.ts';
import { shared } from '../support/shared.ts';
import { anAdapter } from './adapter-conformance.ts';
import { inMemory, openRecords } from './records.ts';

anAdapter(
  "oidc-provider's own MemoryAdapter",
  async () => ({ adapter: createMemoryAdapter(), close: async () => undefined }),
  { takesOnce: false },
);

anAdapter('the adapter over SQLite', async () => openRecords(inMemory), { takesOnce: true });

/** And what it is over ends with it. */
function openOver(started: { stop(): Promise<void> }, connection: RedisConnection) {
  const opened = openRecords({ kind: 'redis', prefix: '', connection }, { prefix: 'adapter:' });
  return { ...opened, close: () => opened.close().then(() => started.stop()) };
}

async function overRedis() {
  const redis = await startRedis();
  return openOver(redis, { kind: 'single', url: redis.url });
}
anAdapter('the adapter over Redis', overRedis, { takesOnce: true });

async function overCluster() {
  const cluster = await startRedisCluster();
  return openOver(cluster, { kind: 'cluster', nodes: cluster.nodes });
}
anAdapter('the adapter over Redis Cluster', overCluster, { takesOnce: true });

describe('our adapter', () => {
  const opened = shared(() => openRecords(inMemory));
  const of = (model: string) => opened.adapter(model);
  const findToken = (token: string) => of('RefreshToken').find(token) as Promise<AdapterPayload | undefined>;
  const payload = (fields: object) => fields as AdapterPayload;

  it('shows a connection as the grant that it is', async () => {
    const { id } = await opened.connect({ id: 'viewed', identityScopes: ['openid', 'offline_access'] });
    expect(await of('Grant').find(id)).toEqual({
      kind: 'Grant',
      jti: id,
      iat: expect.any(Number),
      accountId: 'ada',
      clientId: 'dyn-tool',
      openid: { scope: 'openid offline_access' },
      resources: { 'https://api.example/mcp': 'project:read project:create project:delete' },
    });
    await expect(of('Grant').upsert('new', payload({}), 60)).rejects.toThrow(TypeError);
  });

  const revoked = ['AccessToken', 'RefreshToken', 'AuthorizationCode', 'DeviceCode'];
  it.each<[string, (id: string, token: string) => Promise<unknown>]>([
    ['its grant', async (id) => of('Grant').destroy(id)],
    ['a refresh token of it (RFC 7009 §2.1)', async (_id, token) => of('RefreshToken').destroy(token)],
    [
      'all that oidc-provider ends of a grant, part by part',
      (id) => Promise.all(revoked.map((model) => of(model).revokeByGrantId(id))),
    ],
  ])('ends a connection, once, with %s', async (name, end) => {
    const { id } = await opened.connect({ id: `ends with ${name}`.replaceAll(/\W/g, '-') });
    const token = await opened.beginLine(id);
    const another = await opened.connect({ id: 'another' });
    opened.ended.length = 0;
    await end(id, token);
    expect(opened.ended).toEqual([`${id}: ended by the tool`]);
    expect(await opened.lines.find(token)).toBeUndefined();
    expect(await of('Grant').find(id)).toBeUndefined();
    expect(await of('Grant').find(another.id)).toBeDefined();
  });

  it('shows a refresh token with what it stands for, and one that was used as used', async () => {
    const { id } = await opened.connect({ id: 'shown' });
    const first = await opened.beginLine(id);
    const second = await opened.renew(first);
    const stands = { grantId: id, accountId: 'ada', clientId: 'dyn-tool', scope: 'project:read offline_access' };
    expect(await findToken(second)).toMatchObject({ jti: second, ...stands, rotations: 1 });
    expect((await findToken(second))?.consumed).toBeUndefined();
    expect((await findToken(first))?.consumed).toEqual(expect.any(Number));
    await expect(of('RefreshToken').upsert('new', payload({}), 60)).rejects.toThrow(TypeError);
  });

  it('keeps what a host changed of a refresh token that it found and saved again, for each that follows', async () => {
    const { id } = await opened.connect({ id: 'saved-again' });
    const first = await opened.beginLine(id);
    const found = (await findToken(first)) as AdapterPayload;
    const changes = { scope: 'offline_access', acr: 'urn:example:verified', claims: { id_token: { email: null } } };
    await of('RefreshToken').upsert(first, { ...found, ...changes }, 60);
    expect(await findToken(first)).toMatchObject(changes);

    // A renewal came between its finding and its saving: neither is lost.
    const second = await opened.renew(first);
    const now = (await findToken(second)) as AdapterPayload;
    const third = await opened.renew(second);
    const { acr: _without, ...rest } = now;
    await of('RefreshToken').upsert(second, { ...rest, nonce: 'another' }, 60);
    const last = await findToken(third);
    expect(last).toMatchObject({ jti: third, rotations: 2, scope: 'offline_access', nonce: 'another' });
    expect([last?.acr, last?.consumed]).toEqual([undefined, undefined]);
  });

  it('loses no change of a refresh token in silence: what is not a host’s to change is refused, with all of it', async () => {
    const { id } = await opened.connect({ id: 'not-changed' });
    const token = await opened.beginLine(id);
    const found = (await findToken(token)) as AdapterPayload;
    const fixed = { accountId: 'eve', clientId: 'other', resource: 'https://other.example', grantId: 'other', iiat: 1 };
    for (const [name, value] of Object.entries({ ...fixed, jkt: 'thumbprint', extra: { of: 'a host' } }))
      await expect(of('RefreshToken').upsert(token, { ...found, scope: '', [name]: value }, 60)).rejects.toThrow(name);
    expect(await findToken(token)).toEqual(found);

    await opened.connections.end(id, 'revoked by the operator');
    await expect(of('RefreshToken').upsert(token, { ...found, scope: '' }, 60)).rejects.toThrow(TypeError);
    expect(await findToken(token)).toBeUndefined();
  });

  it('notes a client assertion once, even when it is used twice at the same moment (RFC 7523 §3)', async () => {
    const uses = Array.from({ length: 20 }, () => of('ReplayDetection').upsert('jti', payload({ iss: 'client' }), 60));
    const results = await Promise.allSettled(uses);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const again = of('ReplayDetection').upsert('jti', payload({}), 60);
    await expect(again).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it('stores of a client secret only what cannot be presented, and gives the whole back', async () => {
    const secret = opened.vault.createSplitSecret();
    await of('Client').upsert('dyn-2', payload({ client_id: 'dyn-2', client_secret: secret }));
    const stored = await opened.store.read(opened.names.client('dyn-2'));
    expect(stored?.value).toContain(secret.slice(0, 22));
    expect(stored?.value).not.toContain(secret.slice(26));
    expect(await of('Client').find('dyn-2')).toEqual({ client_id: 'dyn-2', client_secret: secret });
  });

  it('keeps no cookie value in an interaction, neither the session’s nor its own', async () => {
    const returnTo = 'https://auth.example/oauth/authorize/flow';
    const written = payload({ jti: 'flow', returnTo, session: { uid: 'u', cookie: 'the-cookie' } });
    await of('Interaction').upsert('flow', written, 60);
    const kept = (await opened.store.read(opened.names.model('Interaction', 'flow')))?.value;
    const left = { returnTo: 'https://auth.example/oauth/authorize/', session: { uid: 'u' } };
    expect(JSON.parse(kept ?? '')).toEqual(left);
    expect(await of('Interaction').find('flow')).toMatchObject({ jti: 'flow', returnTo });
  });

  it('gives a session that was found by its uid no identifier: nobody may present what only the browser has', async () => {
    await of('Session').upsert('cookie', payload({ jti: 'cookie', uid: 'only-uid' }), 60);
    expect(await of('Session').findByUid('only-uid')).toEqual({ uid: 'only-uid' });
  });

  it('neither lets expire nor finds in the future what the store still holds, whoever’s clock wrote it (R124)', async () => {
    const now = Math.floor(Date.now() / 1000);
    const times = { ahead: { iat: now + 20, exp: now + 620 }, behind: { iat: now - 620, exp: now - 20 } };
    for (const [id, written] of Object.entries(times)) {
      await of('Interaction').upsert(id, payload({ jti: id, ...written }), 60);
      const found = await of('Interaction').find(id);
      expect(found?.iat).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
      expect(found?.exp).toBeGreaterThan(now);
    }
  });
});
