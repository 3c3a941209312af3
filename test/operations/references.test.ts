import { describe, expect, it } from '@jest/globals';
import { aboutFiles, files, proxiedResource, startProxied } from '../forward-auth/proxied.ts';
import { aPersonOf, theHandOff } from '../hand-off/hand-off.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { createPerson } from '../support/person.ts';
import { startRedis } from '../support/redis.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { createVisitor } from '../support/visitor.ts';

/** Every error answer tells a reference, and a line of the log that is kept at the usual level has it. */
const server = shared(() => startProxied({ resources: [proxiedResource(files)] }));
const visitor = shared(() => createVisitor(server));

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const html = { Accept: 'text/html' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const json = { 'Content-Type': 'application/json' };
const bearer = { Authorization: 'Bearer none' };
const basic = { Authorization: `Basic ${btoa('nobody:wrong')}` };
const post = (body: string, headers: Record<string, string> = form): Asked => ({ method: 'POST', headers, body });

const pageForm = post('', { ...form, ...html });
const foreign = post('', { ...form, 'Sec-Fetch-Site': 'cross-site' });
const change = { method: 'PUT', headers: { ...json, ...bearer }, body: '{}' };

/** What is asked, and the status of the answer. */
const requests: readonly [string, string, Asked, number][] = [
  ['authorization, as a page', '/mcp/oauth/authorize', { headers: html }, 400],
  ['authorization, as JSON', '/mcp/oauth/authorize', { headers: { Accept: 'application/json' } }, 400],
  ['authorization of nobody', '/mcp/oauth/authorize?client_id=nobody', { headers: html }, 400],
  ['a flow that is over, as JSON', '/mcp/oauth/authorize/nothing', { headers: { Accept: 'application/json' } }, 400],
  ['an interaction', '/mcp/oauth/interaction/nothing', { headers: html }, 400],
  ['an interaction, as JSON', '/mcp/oauth/interaction/nothing', { headers: { Accept: 'application/json' } }, 400],
  ['a form of an interaction', '/mcp/oauth/interaction/nothing/sign-in', post('a=b', { ...form, ...html }), 400],
  ['a form of another site', '/mcp/oauth/interaction/x/consent', foreign, 403],
  ['token without a client', '/mcp/oauth/token', post('grant_type=authorization_code'), 400],
  ['token of nobody', '/mcp/oauth/token', post('grant_type=authorization_code&client_id=nobody'), 401],
  [
    'token with credentials of nobody',
    '/mcp/oauth/token',
    post('grant_type=refresh_token', { ...form, ...basic }),
    401,
  ],
  ['token in JSON', '/mcp/oauth/token', post('{}', json), 400],
  ['token by GET', '/mcp/oauth/token', {}, 405],
  ['token by GET, as a page', '/mcp/oauth/token', { headers: html }, 405],
  ['guessed token', '/token', post('grant_type=nothing'), 400],
  ['guessed registration', '/register', post('{}', json), 400],
  ['registration of nothing', '/mcp/oauth/register', post('{}', json), 400],
  ['registration that is no JSON', '/mcp/oauth/register', post('{', json), 400],
  ['registration that is no object', '/mcp/oauth/register', post('[]', json), 400],
  ['registration too large', '/mcp/oauth/register', post(`{"client_name":"${'x'.repeat(99_000)}"}`, json), 413],
  ['registration by GET', '/mcp/oauth/register', {}, 405],
  ['management without a token', '/mcp/oauth/register/nobody', {}, 401],
  ['management with a wrong token', '/mcp/oauth/register/nobody', { headers: bearer }, 401],
  ['a change with a wrong token', '/mcp/oauth/register/nobody', change, 401],
  ['a removal with a wrong token', '/mcp/oauth/register/nobody', { method: 'DELETE', headers: bearer }, 401],
  ['management by PATCH', '/mcp/oauth/register/nobody', { method: 'PATCH' }, 405],
  ['revocation of nobody', '/mcp/oauth/revoke', post('token=x'), 400],
  ['revocation by GET', '/mcp/oauth/revoke', {}, 405],
  ['introspection of nobody', '/mcp/oauth/introspect', post('token=x', { ...form, ...basic }), 401],
  ['userinfo without a token', '/mcp/oauth/userinfo', {}, 401],
  ['userinfo with a wrong one', '/mcp/oauth/userinfo', { headers: bearer }, 401],
  ['the feed without credentials', '/mcp/oauth/revocations', {}, 401],
  ['the feed with wrong ones', '/mcp/oauth/revocations', { headers: basic }, 401],
  ['the feed by POST', '/mcp/oauth/revocations', post(''), 405],
  ['the keys by POST', '/mcp/oauth/jwks', post(''), 405],
  ['the metadata by POST', '/.well-known/oauth-authorization-server/mcp', post(''), 405],
  ['forward authentication without a token', `/mcp/oauth/verify${aboutFiles}`, {}, 401],
  ['forward authentication with a wrong one', `/mcp/oauth/verify${aboutFiles}`, { headers: bearer }, 401],
  ['forward authentication that cannot be meant', '/mcp/oauth/verify?resource=nothing', {}, 400],
  ['metadata of no resource', '/mcp/oauth/protected-resource?resource=nothing', {}, 404],
  ['signing out with a hint that is none', '/mcp/oauth/sign-out?id_token_hint=x', { headers: html }, 400],
  ['signing out without having been asked', '/mcp/oauth/sign-out/confirm', pageForm, 400],
  ['signing in to the account with a form of nobody', '/mcp/oauth/account/sign-in', pageForm, 403],
  ['the account by DELETE', '/mcp/oauth/account', { method: 'DELETE' }, 405],
  ['a stylesheet that is not there', '/mcp/oauth/assets/nothing.css', {}, 404],
  ['a path that is not there', '/nothing', {}, 404],
  ['a path that is not there, as a page', '/nothing', { headers: html }, 404],
];

async function ask({ origin }: TestServer, path: string, asked: Asked) {
  const response = await fetch(origin + path, { redirect: 'manual', ...asked });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const linesOf = ({ logLines }: TestServer, reference: string | null) =>
  logLines.filter((line) => line.reference === reference && Number(line.level) >= 30);

function expectReferred(from: TestServer, answer: { headers: Headers; text: string } | LoadedPage) {
  const { headers } = answer;
  const text = 'text' in answer ? answer.text : answer.html;
  const isPage = headers.get('content-type')?.startsWith('text/html');
  const reference = isPage ? (/<bdi>([2-9A-HJ-NP-Z]{8})<\/bdi>/.exec(text)?.[1] ?? null) : headers.get('x-reference');
  expect(reference).toMatch(/^[2-9A-HJ-NP-Z]{8}$/);
  if (!isPage && text.includes('"reference"')) expect(JSON.parse(text)).toMatchObject({ reference });
  expect(linesOf(from, reference).length).toBeGreaterThan(0);
}

describe('the reference of an error answer is in the log', () => {
  it.each(requests)('%s', async (_name, path, asked, status) => {
    const answer = await ask(server, path, asked);
    expect(answer.status).toBe(status);
    expectReferred(server, answer);
  });

  it('also of one without a body (HEAD)', async () => {
    const { headers } = await ask(server, '/nothing', { method: 'HEAD' });
    expect(linesOf(server, headers.get('x-reference'))).toHaveLength(1);
  });

  it('of a wrong code, and of the refusal of an authentication', async () => {
    const client = await registerClient(server.issuer, { token_endpoint_auth_method: 'client_secret_post' });
    for (const secret of [client.clientSecret, 'wrong']) {
      const code = { grant_type: 'authorization_code', code: 'x', redirect_uri: 'http://127.0.0.1/' };
      const credentials = { client_id: client.clientId, client_secret: String(secret) };
      const body = new URLSearchParams({ ...code, ...credentials, code_verifier: 'x'.repeat(43) });
      expectReferred(server, await ask(server, '/mcp/oauth/token', post(String(body))));
    }
  });

  it('of a form that does not belong to the window, and of a page that does not exist for this person', async () => {
    const { browser, page } = await visitor.reachesSignIn({ request: { resource: files } });
    const forged = await browser.submit(page, '/sign-in', { csrf: 'wrong' });
    expect(forged.status).toBe(403);
    expectReferred(server, forged);

    const person = createPerson(server.origin);
    await person.approves((await registerClient(server.issuer)).authorizationRequest({ resource: files }).url);
    const nothing = await person.browser.open('/mcp/oauth/account/connections/nothing');
    expect(nothing.status).toBe(404);
    expectReferred(server, nothing);
  });

  it('and nowhere where nothing is wrong', async () => {
    const before = server.logLines.length;
    const metadata = '/.well-known/oauth-authorization-server/mcp';
    for (const path of ['/mcp/oauth/jwks', metadata, '/mcp/oauth/account/sign-in'])
      expect((await ask(server, path, {})).headers.has('x-reference')).toBe(false);
    expect(server.logLines).toHaveLength(before);
  });
});

describe('also where it is not the client', () => {
  it('who comes too often (429)', async () => {
    await using limited = await startServer({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
    let last = await ask(limited, '/mcp/oauth/authorize', {});
    for (let n = 0; last.status !== 429; n += 1) {
      expect(n).toBeLessThan(20);
      const headers = { ...html, 'X-Forwarded-For': '203.0.113.7' };
      last = await ask(limited, '/mcp/oauth/authorize?client_id=nobody', { headers });
    }
    expectReferred(limited, last);
  });

  it.each([
    ['a page of a flow', '/mcp/oauth/authorize?client_id=dyn-1', { headers: html }],
    ['OAuth JSON', '/mcp/oauth/token', post('grant_type=refresh_token&refresh_token=x&client_id=dyn-1')],
    ['registration', '/mcp/oauth/register', post(JSON.stringify({ redirect_uris: ['http://127.0.0.1/'] }), json)],
  ])('the store is away (503), for %s', async (_name, path, asked) => {
    await using redis = await startRedis();
    await using away = await startServer({ env: { REDIS_URL: redis.url } });
    await redis.kill();
    const answer = await ask(away, path, asked);
    expect([answer.status, answer.headers.has('retry-after')]).toEqual([503, true]);
    expectReferred(away, answer);
  });
});

describe('the console', () => {
  const here = shared(theHandOff);

  it.each([
    ['without its credential', 'events', {}, { authorization: '' }, 401],
    ['with what is no JSON', 'events', '{', {}, 400],
    ['with what is nothing it may say', 'events', {}, {}, 422],
    ['in another language', 'events', {}, { 'content-type': 'text/plain' }, 415],
    ['about a challenge that is not there', 'challenges/nothing/reject', { error: 'access_denied' }, {}, 404],
  ])('is told the reference when it calls %s', async (_name, path, body, headers, status) => {
    const response = await here.call(path, body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expectReferred(here, { headers: response.headers, text: await response.text() });
  });

  it('is away: the page has a reference that is in the log', async () => {
    const person = aPersonOf(here);
    const { page } = await person.begins();
    const back = await person.signsIn(page);
    await here.stopConsole();
    const answer = await person.follow(back);
    expect(answer.status).toBe(503);
    expectReferred(here, answer);
  });
});
