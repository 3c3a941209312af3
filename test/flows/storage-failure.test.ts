import { describe, expect, it } from '@jest/globals';
import { approve } from '../support/approval.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { connect } from '../support/connect.ts';
import { bearer, manage, send } from '../support/endpoints.ts';
import { untilReady } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { temporaryFolder } from '../support/process.ts';
import { freePort, startRedis } from '../support/redis.ts';
import { registerClient, type TokenAnswer } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** Redis goes away while a server is in use, and comes back. */
describe('while Redis is away', () => {
  const folder = shared(temporaryFolder);
  const place = shared(async () => ({ port: await freePort() }));
  const launchRedis = () => {
    const always = { appendOnly: true, configuration: 'appendfsync always\n' };
    return startRedis({ port: place.port, directory: folder.path, ...always });
  };
  const redis = shared(launchRedis);
  const server = shared(() => startServer({ env: { REDIS_URL: redis.url } }));
  const connected = shared(() => connect(server));
  const unused = shared(() => approve(connected.client, connected.person));
  const open = (browser = createPerson(server.origin).browser) =>
    browser.open(connected.client.authorizationRequest().url.href);
  /** The last thing that anybody sees before Redis goes away. */
  const signInPage = shared(async () => {
    const page = await open(connected.person.browser);
    await redis.kill();
    return page;
  });

  /** Lines about an answer, and what it has beside. */
  function about(status: number, headers: Headers, text = '') {
    const reference = headers.get('x-reference') ?? /<bdi>([2-9A-HJ-NP-Z]{8})<\/bdi>/.exec(text)?.[1];
    const levels = server.logLines.filter((line) => line.reference === reference).map(({ level }) => level);
    return { status, isTimed: Number(headers.get('retry-after')) > 0, levels };
  }
  const isUnavailable = { status: 503, isTimed: true, levels: [40] };

  const renewal = () => ({ grant_type: 'refresh_token', refresh_token: connected.refreshToken });
  const look = (endpoint: string) =>
    send(`${server.issuer}/oauth/${endpoint}`, { headers: bearer(connected.accessToken) });

  it.each<[what: string, ask: () => Promise<TokenAnswer>]>([
    ['a refresh (R63)', () => connected.client.post('token', renewal())],
    ['an exchange', () => unused.redeem()],
    ['a token of nobody', () => connected.client.post('token', { ...renewal(), client_id: 'dyn-nobody' })],
    [
      'a revocation, which was not done (RFC 7009 §2.2.1)',
      () => connected.client.post('revoke', { token: connected.refreshToken }),
    ],
    ['an introspection', () => connected.client.post('introspect', { token: connected.accessToken })],
    [
      'a registration',
      () => send(`${server.issuer}/oauth/register`, { body: { redirect_uris: ['http://127.0.0.1/callback'] } }),
    ],
    ['a look at a registration', () => manage(connected.client, 'GET')],
    [
      'an authorization of a tool that takes no pages',
      () => send(connected.client.authorizationRequest().url, { headers: { Accept: 'application/json' } }),
    ],
    ['a request that a proxy asks about', () => look('verify')],
    ['userinfo', () => look('userinfo')],
  ])('%s is 503 in JSON that says when to come back, and a warning with its reference', async (_what, ask) => {
    const { status, headers, body } = await ask();
    expect(body).toMatchObject({ error: 'temporarily_unavailable' });
    expect(about(status, headers)).toEqual(isUnavailable);
  });

  it.each<[what: string, ask: () => Promise<LoadedPage>]>([
    ['an authorization', () => open()],
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

  it.each([
    ['the server is alive and not ready', ['/healthz', '/readyz'], [200, 503]],
    ['metadata and keys are served', ['/.well-known/oauth-authorization-server', '/mcp/oauth/jwks'], [200, 200]],
  ])('%s', async (_what, paths, statuses) => {
    const answers = await Promise.all(paths.map((path) => fetch(server.origin + path)));
    expect(answers.map(({ status }) => status)).toEqual(statuses);
  });

  it('nothing that a client or a person presented is in the log', () => {
    const log = JSON.stringify(server.logLines);
    for (const secret of [connected.refreshToken, unused.code, 'demo-password']) expect(log).not.toContain(secret);
  });

  it('nothing was lost: when it is back, code, connection and flow go on', async () => {
    await using _again = await launchRedis();
    await untilReady(server);

    expect((await unused.redeem()).status).toBe(200);
    expect((await connected.client.refresh(connected.refreshToken)).status).toBe(200);
    const { url } = await connected.person.browser.submit(signInPage, '/decline');
    expect(url.searchParams.get('error')).toBe('access_denied');
    expect((await registerClient(server.issuer)).clientId).toMatch(/^dyn-/);
  });
});
