import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPlainBrowser, type Rest } from '../support/browser-without-a-screen.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createVisitor, password, type Visitor } from '../support/visitor.ts';

/** Every way to an HTML answer of this server: none runs script, none may be framed, kept or sent elsewhere. */
let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer({ demonstration: true });
  visitor = await createVisitor(server);
});
afterAll(() => server.close());

const open = (path: string) => createPlainBrowser(server.origin).open(path);
const shown = async (reaches: Promise<{ page: Rest }>) => (await reaches).page;

async function leadingToTool(deed: string): Promise<Rest> {
  const { browser, page } = await visitor.reachesConsent();
  const { sentBy } = await browser.submit(page, deed);
  if (!sentBy) throw new Error('no page of ours sent the browser away');
  return sentBy;
}

async function atAccount(path: string): Promise<Rest> {
  const person = createPerson(server.origin);
  await person.approves((await registerClient(server.issuer)).authorizationRequest().url);
  return person.browser.open(`/mcp/oauth/account${path}`);
}

async function authorizing(request: Record<string, string | undefined>, redirectUri = 'https://tool.example/cb') {
  const client = await registerClient(server.issuer, { redirect_uris: [redirectUri] });
  return open(client.authorizationRequest(request).url.href);
}

async function afterForms() {
  const { browser, page } = await visitor.reachesSignIn();
  return browser.submit(page, '/sign-in', { email: 'demo@example.com', password: 'wrong' });
}

async function confirmingSignOut() {
  const person = createPerson(server.origin);
  await person.approves((await registerClient(server.issuer)).authorizationRequest().url);
  const asking = await person.browser.open('/mcp/oauth/sign-out');
  return { asking, done: await person.browser.submit(asking, '/confirm') };
}

async function signingInOverSomebody() {
  const { browser, page } = await visitor.reachesConsent();
  const another = await browser.open(`${page.url.pathname}?account=another`);
  return browser.submit(another, '/sign-in', { email: 'solo@example.com', password });
}

const ways: Record<string, () => Promise<Rest>> = {
  'the origin': () => open('/'),
  'the URL that is meant for tools': () => open('/mcp'),
  'a path that is not there': () => open('/nothing'),
  'a method that is not there': () => open('/mcp/oauth/token'),
  'sign-in': () => shown(visitor.reachesSignIn()),
  'a wrong password': afterForms,
  'the organizations': () => shown(visitor.reachesOrganizations()),
  'no organization': () => shown(visitor.reachesNoOrganization()),
  consent: () => shown(visitor.reachesConsent()),
  'consent for an organization that is not theirs': () => shown(visitor.reachesConsent({ organization: 'nobodys' })),
  'another account': signingInOverSomebody,
  Authorize: () => leadingToTool('/consent'),
  Decline: () => leadingToTool('/decline'),
  'a flow that is not there': () => open('/mcp/oauth/interaction/nothing'),
  'a resume that is not there': () => open('/mcp/oauth/authorize/nothing'),
  'an unknown client': () => open('/mcp/oauth/authorize?client_id=nobody'),
  'a redirect URI that was not registered': () => authorizing({ redirect_uri: 'https://elsewhere.example/' }),
  'prompt=none': () => authorizing({ prompt: 'none' }),
  form_post: () => authorizing({ response_mode: 'form_post' }),
  'form_post and an error': () => authorizing({ response_mode: 'form_post', prompt: 'none' }),
  'form_post to an app': () => authorizing({ response_mode: 'form_post' }, 'cursor://a/b'),
  'signing out, signed in': async () => (await confirmingSignOut()).asking,
  'signed out': async () => (await confirmingSignOut()).done,
  'signing out, not signed in': () => open('/mcp/oauth/sign-out'),
  'signing out with a hint that is none': () => open('/mcp/oauth/sign-out?id_token_hint=x'),
  'signed out, by its address': () => open('/mcp/oauth/sign-out/success'),
  'the account, not signed in': () => open('/mcp/oauth/account'),
  'the account': () => atAccount(''),
  'signing out of the account': () => atAccount('/sign-out'),
  'signing out everywhere': () => atAccount('/sign-out/everywhere'),
  'the connections of an organization': () => atAccount('/organizations/acme'),
  'sign-in and security': () => atAccount('/security'),
  'an app to set up': () => atAccount('/security/app'),
  'new recovery codes': () => atAccount('/security/recovery-codes'),
  'a factor that is not there': () => atAccount('/security/factors/nothing/remove'),
  'the name of a factor that is not there': () => atAccount('/security/factors/nothing/rename'),
  'another password': () => atAccount('/password'),
  'a forgotten password': () => open('/mcp/oauth/password/forgotten'),
  'a mail that is on its way': () => open('/mcp/oauth/password/mailed'),
  'a link to another password': () => open('/mcp/oauth/password/reset?token=nothing'),
  'an invitation': () => open('/mcp/oauth/invitation?token=nothing'),
  'a connection that is not there': () => atAccount('/connections/nothing'),
};

describe.each(Object.entries(ways))('the page of %s', (_name, reaches) => {
  it('is ours, runs no script, and is in no frame and no cache', async () => {
    const { url, headers, html } = await reaches();

    expect([url.origin, headers.get('content-type')]).toEqual([server.origin, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': expect.stringContaining('no-store'),
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'unsafe-none',
    });
    expect(html).not.toMatch(/<script|\son[a-z]+=|javascript:|<style|\sstyle=/i);
    expect(html).toContain('</html>');
  });
});

describe('what redirects', () => {
  it('has no page of its own', async () => {
    const client = await registerClient(server.issuer);
    for (const request of [{}, { prompt: 'none' }]) {
      const { url } = client.authorizationRequest(request);
      const response = await fetch(url, { redirect: 'manual', headers: { Accept: 'text/html' } });

      expect(response.status).toBe(303);
      expect(await response.text()).not.toContain('<');
    }
  });
});

describe('the address of an authorization', () => {
  it('loses its fragment on the way to our pages: no link chooses where the focus is (issue 9)', async () => {
    const { url } = (await registerClient(server.issuer)).authorizationRequest();
    const response = await fetch(url, { redirect: 'manual', headers: { Accept: 'text/html' } });

    // RFC 9110 §10.2.2: a Location without a fragment inherits the one of the request.
    expect(response.headers.get('location')).toMatch(/^\/mcp\/oauth\/interaction\/[\w-]+#$/);
  });
});
