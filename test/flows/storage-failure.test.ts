import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { type Connected, connect } from '../support/connect.ts';
import { untilReady } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { freePort, type RedisServer, startRedis } from '../support/redis.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Redis goes away while a server is in use, and comes back. */
describe('while Redis is away', () => {
  let directory: string;
  let port: number;
  let redis: RedisServer;
  let server: TestServer;
  let connected: Connected;
  let unusedCode: { callback: URL; verifier: string };
  let signInPage: Rest;
  const visitor = () => createPerson(server.origin).browser;

  const launchRedis = () => startRedis({ port, directory, appendOnly: true, configuration: 'appendfsync always\n' });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'redis-away-'));
    port = await freePort();
    redis = await launchRedis();
    server = await startServer({ env: { REDIS_URL: redis.url } });
    connected = await connect(server);
    const { url, verifier } = connected.client.authorizationRequest();
    unusedCode = { callback: await connected.person.approves(url), verifier };
    signInPage = await connected.person.browser.open(connected.client.authorizationRequest().url.href);
    await redis.kill();
  });
  afterAll(async () => {
    await server.close();
    await redis.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const unavailable = { status: 503, body: { error: 'temporarily_unavailable' } };

  it('a refresh is 503 temporarily_unavailable in JSON, and says when to come back (R63)', async () => {
    const answer = await connected.client.refresh(connected.refreshToken);

    expect(answer).toMatchObject(unavailable);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('content-type')).toContain('application/json');
  });

  it('an exchange is the same', async () => {
    const answer = await connected.client.exchange(unusedCode.callback, unusedCode.verifier);

    expect(answer).toMatchObject(unavailable);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('a revocation is the same: it was not done (RFC 7009 §2.2.1)', async () => {
    const answer = await connected.client.post('revoke', { token: connected.refreshToken });

    expect(answer).toMatchObject(unavailable);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('a registration is the same', async () => {
    const response = await fetch(`${server.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['http://127.0.0.1/callback'] }),
    });

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('the person is shown a page that says so, with a reference that is in the log', async () => {
    const { status, html, headers } = await visitor().open(connected.client.authorizationRequest().url.href);

    expect({ status, retryAfter: headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '5' });
    expect(html).toContain('We cannot go on right now');
    const reference = /\b[2-9A-HJ-NP-Z]{8}\b/.exec(html)?.[0];
    expect(server.logLines).toContainEqual(expect.objectContaining({ reference }));
  });

  it('a form that is sent meanwhile gets the same page', async () => {
    const { status, html } = await connected.person.browser.submit(signInPage, '/decline');

    expect(status).toBe(503);
    expect(html).toContain('We cannot go on right now');
  });

  it('the server is alive and not ready', async () => {
    const [alive, ready] = await Promise.all([fetch(`${server.origin}/healthz`), fetch(`${server.origin}/readyz`)]);

    expect([alive.status, ready.status]).toEqual([200, 503]);
  });

  it('metadata and keys are served', async () => {
    const paths = ['/.well-known/oauth-authorization-server', '/mcp/oauth/jwks'];

    const answers = await Promise.all(paths.map((path) => fetch(server.origin + path)));

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('nothing that a client or a person presented is in the log', () => {
    const log = JSON.stringify(server.logLines);

    for (const secret of [connected.refreshToken, unusedCode.callback.searchParams.get('code'), 'demo-password']) {
      expect(log).not.toContain(secret);
    }
  });

  it('nothing was lost: when it is back, code, connection and flow go on', async () => {
    redis = await launchRedis();
    await untilReady(server);

    expect((await connected.client.exchange(unusedCode.callback, unusedCode.verifier)).status).toBe(200);
    expect((await connected.client.refresh(connected.refreshToken)).status).toBe(200);
    expect((await connected.person.browser.submit(signInPage, '/decline')).url.searchParams.get('error')).toBe(
      'access_denied',
    );
    expect((await registerClient(server.issuer)).clientId).toMatch(/^dyn-/);
  });
});
