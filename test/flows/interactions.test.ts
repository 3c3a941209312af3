import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { createTestClock } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { sendsOnly } from '../support/planted.ts';
import { redirectUri, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf } from '../support/test-store.ts';
import { createVisitor, password } from '../support/visitor.ts';

const { clock, pass } = createTestClock();
const server = shared(() => startServer({ parts: { clock } }));
const visitor = shared(() => createVisitor(server));

const ended = { status: 400, html: expect.stringContaining('This sign-in has ended') };
const codeOf = ({ url }: LoadedPage) => url.searchParams.get('code');

describe('a form of the flow', () => {
  it.each(['same-origin', 'none'])('that the browser calls %s is answered 200 (R50)', async (site) => {
    const { browser, page } = await visitor.reachesSignIn();
    const credentials = { email: 'demo@example.com', password };

    expect((await browser.submit(page, '/sign-in', credentials, { 'Sec-Fetch-Site': site })).status).toBe(200);
  });

  it.each([
    ['is no form', 'application/json', '{}', 415],
    ['is too large', 'application/x-www-form-urlencoded', `email=${'e'.repeat(40_000)}`, 413],
  ])('that %s is refused', async (_name, type, body, status) => {
    const { browser, page } = await visitor.reachesSignIn();
    const cookies = [...browser.cookies].map(([key, { value }]) => `${key.split(' ')[0]}=${value}`);
    const headers = { 'Content-Type': type, Cookie: cookies.join('; ') };

    expect((await fetch(`${page.url}/sign-in`, { method: 'POST', headers, body })).status).toBe(status);
  });

  it.each([
    ['sign-in', { email: 'demo@example.com', password }],
    ['consent', { organization: 'acme', scope: 'project:read' }],
    ['decline', {}],
  ])('%s is answered with the address of the next page, and of nothing in between', async (name, fields) => {
    const { browser, page } = await (name === 'sign-in' ? visitor.reachesSignIn() : visitor.reachesConsent());
    const [, csrf = ''] = /name="csrf" value="([^"]*)"/.exec(page.html) ?? [];
    const body = new URLSearchParams({ csrf, ...(fields as object) });
    const answer = await sendsOnly(browser, new URL(`${page.url.pathname}/${name}`, page.url), {
      method: 'POST',
      body,
    });
    expect([answer.status, answer.headers.get('Location')]).toEqual([303, expect.stringContaining('/interaction/')]);
  });
});

describe('a flow', () => {
  it('that nobody finished within an hour says so, on the page and on the button', async () => {
    const { browser, page } = await visitor.reachesConsent();
    pass(3601);

    expect(await browser.open(page.url.href)).toMatchObject(ended);
    expect(await browser.submit(page, '/consent')).toMatchObject(ended);
  });

  it('that was finished gives the same code to a form that is sent twice, and never another one', async () => {
    const { browser, page } = await visitor.reachesConsent();
    const first = await browser.submit(page, '/consent');

    const second = await browser.submit(page, '/consent', { scope: ['project:read'] });

    expect(codeOf(first)).toEqual(expect.any(String));
    expect(second.url.href).toBe(first.url.href);
  });

  it('goes on beside another one in the same browser, finished in reverse order (R44)', async () => {
    const client = await registerClient(server.issuer);
    const { browser, page: first } = await visitor.reachesConsent({ client });
    const { page: second } = await visitor.reachesConsent({ client, browser });

    for (const page of [second, first])
      expect(codeOf(await browser.submit(page, '/consent'))).toEqual(expect.any(String));
  });

  it('ends when the client gave up its redirect URI between the page and the button', async () => {
    const client = await registerClient(server.issuer);
    const { browser, page } = await visitor.reachesConsent({ client });
    const { registration_client_uri: uri, registration_access_token: token } = client.registration;
    const body = { client_id: client.clientId, redirect_uris: ['http://127.0.0.1/another'] };
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    await fetch(String(uri), { method: 'PUT', headers, body: JSON.stringify(body) });

    expect(await browser.submit(page, '/consent')).toMatchObject(ended);
  });

  it('shows an error with a reference that is in the log', async () => {
    const { html } = await createPerson(server.origin).browser.open('/mcp/oauth/authorize?client_id=dyn-nobody');

    const reference = /\b[2-9A-HJ-NP-Z]{8}\b/.exec(html)?.[0];
    expect(server.logLines).toContainEqual(expect.objectContaining({ reference, event: 'authorization.error' }));
  });
});

describe('a browser that brings no cookies', () => {
  it('is told that, and not that somebody finished its flow', async () => {
    const { page } = await visitor.reachesSignIn();
    const rest = await createPerson(server.origin).browser.open(page.url.pathname);

    expect(rest).toMatchObject({ status: 400, html: expect.stringContaining('Your browser did not send a cookie') });
  });

  it('is another one than that of an old tab', async () => {
    const { browser } = await visitor.reachesConsent();
    const rest = await browser.open('/mcp/oauth/interaction/of-yesterday');

    expect(rest).toMatchObject(ended);
    expect(rest.html).not.toContain('did not send a cookie');
  });
});

it.each([
  ['the sign-in page', () => visitor.reachesSignIn()],
  ['the organization page', () => visitor.reachesOrganizations()],
  ['the consent page', () => visitor.reachesConsent()],
  ['the page for a person without an organization', () => visitor.reachesNoOrganization()],
])('declining on %s tells the tool, with state and issuer (RFC 6749 §4.1.2.1, R54)', async (_name, reaches) => {
  const { browser, page, state } = await reaches();

  const { url } = await browser.submit(page, '/decline');

  const answer = { error: 'access_denied', state, iss: server.issuer };
  expect(url.origin + url.pathname).toBe(redirectUri);
  expect(Object.fromEntries(url.searchParams)).toMatchObject(answer);
  expect(url.searchParams.has('code')).toBe(false);
});

describe('signing out', () => {
  /** Somebody who has connected a tool, and is asked whether to sign out; then whether the next tool asks for a password. */
  async function isAsked() {
    const { client, person, refreshToken } = await connect(server);
    const { browser } = person;
    const asking = await browser.open(`${server.issuer}/oauth/sign-out`);
    const isSignedOut = async () =>
      (await browser.open(client.authorizationRequest().url.href)).html.includes('/sign-in"');
    return { client, refreshToken, browser, asking, isSignedOut };
  }

  it('asks first, ends the session and keeps the connections (R36)', async () => {
    const { client, refreshToken, browser, asking, isSignedOut } = await isAsked();
    expect(asking.html).toContain('Sign out');

    const done = await browser.submit(asking, '/confirm', { logout: 'yes' });

    expect(done).toMatchObject({ status: 200, html: expect.stringContaining('Signed out') });
    expect(await isSignedOut()).toBe(true);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('is not done by a form without its own anti-forgery value', async () => {
    const { browser, asking, isSignedOut } = await isAsked();

    expect((await browser.submit(asking, '/confirm', { xsrf: 'guessed', logout: 'yes' })).status).toBe(400);
    expect(await isSignedOut()).toBe(false);
  });
});

/** Chat programs and clients look at a link before anybody opens it. */
describe('a prefetch of an authorization URL (R45)', () => {
  it.each(['HEAD', 'GET'])('with %s leaves one interaction that ends by itself, and nothing else', async (method) => {
    await using here = await startAttacked();
    const before = (await here.kept.records()).map(({ key }) => key);
    const response = await fetch(here.client.authorizationRequest().url, { method, redirect: 'manual' });
    expect(response.status).toBe(303);
    const left = (await here.kept.records()).filter(({ key }) => !before.includes(key));
    // With its place among those that nobody finishes, which are bounded (limits.unfinishedSignIns).
    expect(left.map(({ key }) => key.split(':')[0])).toEqual(['interaction', 'unfinished', 'unfinished-count']);
    for (const { secondsLeft } of left.slice(0, 2)) expect(secondsLeft).toBeLessThanOrEqual(3600);
  });

  it('takes nothing from the person who opens the same URL afterwards', async () => {
    await using here = await startAttacked();
    const { url, verifier } = here.client.authorizationRequest();
    for (const method of ['HEAD', 'GET']) await fetch(url, { method, redirect: 'manual' });
    expect((await here.client.exchange(await here.person.approves(url), verifier)).status).toBe(200);
    expect(await recordsOf(here.kept, 'connection')).toHaveLength(1);
  });
});
