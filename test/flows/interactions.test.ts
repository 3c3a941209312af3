import { describe, expect, it } from '@jest/globals';
import type { PlainBrowser, Rest } from '../support/browser-without-a-screen.ts';
import { createTestClock } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { redirectUri, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password } from '../support/visitor.ts';

const { clock, pass } = createTestClock();
const server = shared(() => startServer({ parts: { clock } }));
const visitor = shared(() => createVisitor(server));

const ended = 'This sign-in has ended';

function answerOf({ url }: Rest) {
  return { at: url.origin + url.pathname, ...Object.fromEntries(url.searchParams) };
}

function cookiesOf({ cookies }: PlainBrowser) {
  return [...cookies].map(([key, { value }]) => `${key.split(' ')[0]}=${value}`).join('; ');
}

describe('a form of the flow', () => {
  it.each([
    ['same-origin', 200],
    ['none', 200],
  ])('that the browser calls %s is answered %i (R50)', async (site, status) => {
    const { browser, page } = await visitor.reachesSignIn();
    const credentials = { email: 'demo@example.com', password };

    expect((await browser.submit(page, '/sign-in', credentials, { 'Sec-Fetch-Site': site })).status).toBe(status);
  });

  it.each([
    ['is no form', 'application/json', '{}', 415],
    ['is too large', 'application/x-www-form-urlencoded', `email=${'e'.repeat(40_000)}`, 413],
  ])('that %s is refused', async (_name, type, body, status) => {
    const { browser, page } = await visitor.reachesSignIn();

    const response = await fetch(`${page.url}/sign-in`, {
      method: 'POST',
      headers: { 'Content-Type': type, Cookie: cookiesOf(browser) },
      body,
    });

    expect(response.status).toBe(status);
  });
});

describe('a flow', () => {
  it('that nobody finished within an hour says so, on the page and on the button', async () => {
    const { browser, page } = await visitor.reachesConsent();
    pass(3601);

    for (const rest of [await browser.open(page.url.href), await browser.submit(page, '/consent')]) {
      expect({ status: rest.status, says: rest.html.includes(ended) }).toEqual({ status: 400, says: true });
    }
  });

  it('that was finished gives the same code to a form that is sent twice, and never another one', async () => {
    const { browser, page } = await visitor.reachesConsent();
    const first = await browser.submit(page, '/consent');

    const second = await browser.submit(page, '/consent', { scope: ['project:read'] });

    expect(first.url.searchParams.has('code')).toBe(true);
    expect(second.url.href).toBe(first.url.href);
  });

  it('goes on beside another one in the same browser, finished in reverse order (R44)', async () => {
    const client = await registerClient(server.issuer);
    const { browser, page: first } = await visitor.reachesConsent({ client });
    const { page: second } = await visitor.reachesConsent({ client, browser });

    const answers = [await browser.submit(second, '/consent'), await browser.submit(first, '/consent')];

    for (const { url } of answers) expect(url.searchParams.has('code')).toBe(true);
  });

  it('ends when the client gave up its redirect URI between the page and the button', async () => {
    const client = await registerClient(server.issuer);
    const { browser, page } = await visitor.reachesConsent({ client });
    const { registration_client_uri: uri, registration_access_token: token } = client.registration;
    const body = { client_id: client.clientId, redirect_uris: ['http://127.0.0.1/another'] };
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    await fetch(String(uri), { method: 'PUT', headers, body: JSON.stringify(body) });

    const { status, html } = await browser.submit(page, '/consent');

    expect({ status, says: html.includes(ended) }).toEqual({ status: 400, says: true });
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
    const { status, html } = await createPerson(server.origin).browser.open(page.url.pathname);

    expect([status, html.includes('Your browser brought no cookie')]).toEqual([400, true]);
  });

  it('is another one than that of an old tab', async () => {
    const { browser } = await visitor.reachesConsent();
    const { html } = await browser.open('/mcp/oauth/interaction/of-yesterday');

    expect([html.includes(ended), html.includes('brought no cookie')]).toEqual([true, false]);
  });
});

describe('declining', () => {
  it.each([
    ['the sign-in page', () => visitor.reachesSignIn()],
    ['the organization page', () => visitor.reachesOrganizations()],
    ['the consent page', () => visitor.reachesConsent()],
    ['the page for a person without an organization', () => visitor.reachesNoOrganization()],
  ])('on %s tells the tool, with state and issuer (RFC 6749 §4.1.2.1, R54)', async (_name, reaches) => {
    const { browser, page, state } = await reaches();

    const rest = await browser.submit(page, '/decline');

    expect(answerOf(rest)).toMatchObject({ at: redirectUri, error: 'access_denied', state, iss: server.issuer });
    expect(rest.url.searchParams.has('code')).toBe(false);
  });
});

describe('signing out', () => {
  const signOut = () => `${server.issuer}/oauth/sign-out`;

  it('asks first, ends the session and keeps the connections (R36)', async () => {
    const client = await registerClient(server.issuer);
    const person = createPerson(server.origin);
    const { url, verifier } = client.authorizationRequest();
    const { body } = await client.exchange(await person.approves(url), verifier);

    const asking = await person.browser.open(signOut());
    expect(asking.html).toContain('Sign out');
    const done = await person.browser.submit(asking, '/confirm', { logout: 'yes' });

    expect({ status: done.status, says: done.html.includes('Signed out') }).toEqual({ status: 200, says: true });
    const again = await person.browser.open(client.authorizationRequest().url.href);
    expect(again.html).toContain('/sign-in"');
    expect((await client.refresh(body.refresh_token ?? '')).status).toBe(200);
  });

  it('is not done by a form without its own anti-forgery value', async () => {
    const client = await registerClient(server.issuer);
    const person = createPerson(server.origin);
    await person.approves(client.authorizationRequest().url);
    const asking = await person.browser.open(signOut());

    const { status } = await person.browser.submit(asking, '/confirm', { xsrf: 'guessed', logout: 'yes' });

    expect(status).toBe(400);
    expect((await person.browser.open(client.authorizationRequest().url.href)).html).not.toContain('/sign-in"');
  });
});
