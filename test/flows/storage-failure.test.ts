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

  /** Lines about an answer, and what it has beside. */
  function about(status: number, headers: Headers, text: string) {
    const reference = headers.get('x-reference') ?? /<bdi>([2-9A-HJ-NP-Z]{8})<\/bdi>/.exec(text)?.[1];
    const levels = server.logLines.filter((line) => line.reference === reference).map(({ level }) => level);
    return { status, isTimed: Number(headers.get('retry-after')) > 0, levels };
  }
  const isUnavailable = { status: 503, isTimed: true, levels: [40] };

  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(server.issuer + path, { method: 'POST', headers, body: new URLSearchParams(fields) });
  const asClient = (fields: Record<string, string>) => ({ ...connected.client.identity, ...fields });
  const redeemed = () => ({
    grant_type: 'authorization_code',
    code: unusedCode.callback.searchParams.get('code') ?? '',
    code_verifier: unusedCode.verifier,
  });
  const refreshed = () => ({ grant_type: 'refresh_token', refresh_token: connected.refreshToken });
  const bearer = () => ({ Authorization: `Bearer ${connected.accessToken}` });

  it.each<[what: string, ask: () => Promise<Response>]>([
    ['a refresh (R63)', () => post('/oauth/token', asClient(refreshed()))],
    ['an exchange', () => post('/oauth/token', asClient(redeemed()))],
    ['a token of nobody', () => post('/oauth/token', { ...refreshed(), client_id: 'dyn-nobody' })],
    [
      'a revocation, which was not done (RFC 7009 §2.2.1)',
      () => post('/oauth/revoke', asClient({ token: connected.refreshToken })),
    ],
    ['an introspection', () => post('/oauth/introspect', asClient({ token: connected.accessToken }))],
    [
      'a registration',
      () =>
        fetch(`${server.issuer}/oauth/register`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: '{"redirect_uris":["http://127.0.0.1/callback"]}',
        }),
    ],
    [
      'a look at a registration',
      () => fetch(`${server.issuer}/oauth/register/${connected.client.clientId}`, { headers: bearer() }),
    ],
    [
      'an authorization of a tool that takes no pages',
      () => fetch(connected.client.authorizationRequest().url, { headers: { Accept: 'application/json' } }),
    ],
    ['a request that a proxy asks about', () => fetch(`${server.issuer}/oauth/verify`, { headers: bearer() })],
    ['userinfo', () => fetch(`${server.issuer}/oauth/userinfo`, { headers: bearer() })],
  ])('%s is 503 in JSON that says when to come back, and a warning with its reference', async (_what, ask) => {
    const answer = await ask();
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ error: 'temporarily_unavailable' });
    expect(about(answer.status, answer.headers, text)).toEqual(isUnavailable);
  });

  it.each<[what: string, ask: () => Promise<Rest>]>([
    ['an authorization', () => visitor().open(connected.client.authorizationRequest().url.href)],
    ['a flow that waits', () => connected.person.browser.open(signInPage.url.pathname)],
    ['a form of it', () => connected.person.browser.submit(signInPage, '/decline')],
    ['the account', () => connected.person.browser.open('/mcp/oauth/account')],
    ['signing out', () => connected.person.browser.open('/mcp/oauth/sign-out')],
  ])('%s is a page that says so, and a warning with its reference', async (_what, ask) => {
    const { status, headers, html } = await ask();
    expect(html).toContain('We cannot go on right now');
    expect(about(status, headers, html)).toEqual(isUnavailable);
  });

  it('the outage itself is said once', () => {
    expect(server.logLines.filter(({ event }) => event === 'store')).toEqual([expect.objectContaining({ level: 40 })]);
    expect(server.logLines.filter(({ level }) => Number(level) > 40)).toEqual([]);
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
