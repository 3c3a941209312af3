import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password, type Reached } from '../support/visitor.ts';

const server = shared(startServer);
const visitor = shared(() => createVisitor(server));
const visitorClient = shared(() => registerClient(server.issuer));

async function tokenOf({ client, verifier }: Reached, { url }: Rest) {
  const { body } = await client.exchange(url, verifier);
  return decodeJwt(body.access_token ?? '') as Record<string, unknown>;
}

const isConsentFor = (slug: string, { html }: Rest) => html.includes(`name="organization" value="${slug}"`);

describe('the organization', () => {
  it('is chosen on a page when there are several, and the choice is in the URL', async () => {
    const { browser, page } = await visitor.reachesOrganizations();

    expect(page.html).toContain('Choose an organization');
    for (const slug of ['acme', 'globex']) expect(page.html).toContain(`?organization=${slug}"`);
    expect(isConsentFor('globex', await browser.open(`${page.url.pathname}?organization=globex`))).toBe(true);
  });

  it('is the only one when there is one, and shown', async () => {
    const { page } = await visitor.reachesConsent({ email: 'solo@example.com' });

    expect(isConsentFor('initech', page)).toBe(true);
    expect(page.html).toContain('Initech');
  });

  it('named in the authorization request is chosen beforehand', async () => {
    const { page } = await visitor.reachesOrganizations({ request: { organization: 'globex' } });

    expect(isConsentFor('globex', page)).toBe(true);
  });

  it('named in the authorization request can be changed', async () => {
    const { browser, page } = await visitor.reachesOrganizations({ request: { organization: 'globex' } });

    expect((await browser.open(`${page.url.pathname}?organization=`)).html).toContain('Choose an organization');
  });

  it.each(['initech', 'nowhere', 'ACME'])('"%s", of which the person is no member, is not chosen', async (slug) => {
    const { browser, page } = await visitor.reachesOrganizations({ request: { organization: slug } });
    const byUrl = await browser.open(`${page.url.pathname}?organization=${slug}`);

    for (const rest of [page, byUrl]) {
      expect(rest.status).toBe(422);
      expect(rest.html).toContain('Choose an organization');
      expect(rest.html).not.toContain('/consent"');
    }
  });

  it('that a form claims, of which the person is no member, grants nothing', async () => {
    const { browser, page } = await visitor.reachesConsent();

    const rest = await browser.submit(page, '/consent', { organization: 'initech' });

    expect(rest.url.origin).toBe(server.origin);
    expect(rest.html).toContain('Choose an organization');
  });

  it('chosen last is offered first', async () => {
    const reached = await visitor.reachesConsent({ organization: 'globex' });
    await reached.browser.submit(reached.page, '/consent');

    const { page } = await visitor.reachesOrganizations({ browser: reached.browser });

    expect(page.html.indexOf('?organization=globex"')).toBeLessThan(page.html.indexOf('?organization=acme"'));
  });
});

describe('the consent form', () => {
  it('grants what stayed ticked', async () => {
    const reached = await visitor.reachesConsent({ request: { scope: 'project:read project:create' } });

    const rest = await reached.browser.submit(reached.page, '/consent', { scope: ['project:create'] });

    expect(await tokenOf(reached, rest)).toMatchObject({ scope: 'project:create' });
  });

  it('grants nothing that was not requested, whatever is posted (decision 9)', async () => {
    const reached = await visitor.reachesConsent({ request: { scope: 'project:read' } });

    const rest = await reached.browser.submit(reached.page, '/consent', { scope: ['project:read', 'project:delete'] });

    expect(await tokenOf(reached, rest)).toMatchObject({ scope: 'project:read' });
  });

  it('grants nothing that the role withholds, whatever is posted (decision 9)', async () => {
    const scope = 'project:read project:create';
    const reached = await visitor.reachesConsent({ organization: 'globex', request: { scope } });
    expect(reached.page.html).not.toContain('value="project:create"');

    const rest = await reached.browser.submit(reached.page, '/consent', { scope: scope.split(' ') });

    expect(await tokenOf(reached, rest)).toMatchObject({ scope: 'project:read', org_role: 'viewer' });
  });

  it('of one organization is checked by the role in the one that is posted', async () => {
    const reached = await visitor.reachesConsent({ organization: 'acme', request: { scope: '*:*' } });

    const rest = await reached.browser.submit(reached.page, '/consent', { organization: 'globex' });

    const { org_slug: slug, scope } = await tokenOf(reached, rest);
    expect(slug).toBe('globex');
    expect(String(scope).split(' ')).toEqual(
      String(scope)
        .split(' ')
        .filter((each) => each.endsWith(':read')),
    );
  });

  it('with nothing ticked asks again', async () => {
    const { browser, page } = await visitor.reachesConsent();

    const { status, html } = await browser.submit(page, '/consent', { scope: [] });

    expect(status).toBe(422);
    expect(html).toContain('Leave at least one permission ticked, or decline.');
  });

  it('is shown for every authorization, also of the same client and scopes, whose connection goes on (R52)', async () => {
    const client = await registerClient(server.issuer);
    const first = await visitor.reachesConsent({ client });
    const firstToken = await tokenOf(first, await first.browser.submit(first.page, '/consent'));

    const second = await visitor.reachesConsent({ client, browser: first.browser });
    expect(isConsentFor('acme', second.page)).toBe(true);
    const secondToken = await tokenOf(second, await second.browser.submit(second.page, '/consent'));

    expect(secondToken.grant_id).toBe(firstToken.grant_id);
  });
});

describe('a request that may show no page (prompt=none)', () => {
  async function askSilently(browser: Reached['browser'], client = visitorClient) {
    const { url, state } = client.authorizationRequest({ prompt: 'none' });
    return { state, answer: Object.fromEntries((await browser.open(url.href)).url.searchParams) };
  }

  it('gets no code without a new approval, whatever was approved before (OpenID Connect Core §3.1.2.6, R52)', async () => {
    const reached = await visitor.reachesConsent({ client: visitorClient });
    await reached.browser.submit(reached.page, '/consent');

    const { answer, state } = await askSilently(reached.browser);

    expect(answer).toMatchObject({ error: 'consent_required', state, iss: server.issuer });
  });

  it('gets no code without a session', async () => {
    const { browser } = await visitor.reachesSignIn();

    expect((await askSilently(browser)).answer).toMatchObject({ error: 'login_required', iss: server.issuer });
  });
});

describe('another account', () => {
  it('can sign in within the flow, and the token is theirs', async () => {
    const reached = await visitor.reachesConsent();
    const other = await reached.browser.open(`${reached.page.url.pathname}?account=another`);
    expect(other.html).toContain('demo@example.com');

    const consent = await reached.browser.submit(other, '/sign-in', { email: 'solo@example.com', password });
    const rest = await reached.browser.submit(consent, '/consent');

    expect(await tokenOf(reached, rest)).toMatchObject({ org_slug: 'initech' });
  });

  it('that signs in elsewhere in the browser ends the flows of the first', async () => {
    const first = await visitor.reachesConsent();
    const { browser } = first;
    const second = await visitor.reachesConsent({ browser });
    const another = await browser.open(`${second.page.url.pathname}?account=another`);
    await browser.submit(another, '/sign-in', { email: 'solo@example.com', password });

    const rest = await browser.submit(first.page, '/consent');

    expect({ status: rest.status, origin: rest.url.origin }).toEqual({ status: 400, origin: server.origin });
    expect(rest.html).toContain('This sign-in has ended');
  });
});

describe('every page', () => {
  it.each([
    ['sign-in', () => visitor.reachesSignIn()],
    ['organization', () => visitor.reachesOrganizations()],
    ['consent', () => visitor.reachesConsent()],
    ['no organization', () => visitor.reachesNoOrganization()],
  ])(
    'of the flow (%s) runs no script, is in no frame and no cache, and keeps its opener (R112)',
    async (_name, reaches) => {
      const { headers } = (await reaches()).page;

      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
      );
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy')).toBe('unsafe-none');
    },
  );

  it.each(['https://tool.example/callback', 'cursor://anysphere.cursor-mcp/callback'])(
    'shows where the browser will be sent: %s (R51)',
    async (uri) => {
      const client = await registerClient(server.issuer, { redirect_uris: [uri], client_name: 'A <b>bold</b> tool' });

      const { page } = await visitor.reachesConsent({ client });

      expect(page.html).toContain(uri.startsWith('https') ? 'tool.example' : 'cursor://anysphere.cursor-mcp');
      expect(page.html).toContain('A &lt;b&gt;bold&lt;/b&gt; tool');
    },
  );
});

describe('what the tool learns about the person', () => {
  const sentences = ['Which account this is', 'Your name.', 'Your email address.'];

  it.each([
    ['project:read', []],
    ['project:read openid', [0]],
    ['project:read openid profile email', [0, 1, 2]],
    ['project:read openid email offline_access', [0, 2]],
  ])('is named for the scope %s, and afterwards in the account', async (scope, named) => {
    const { page, browser, client, verifier } = await visitor.reachesConsent({ request: { scope } });
    const { url } = await browser.submit(page, '/consent');
    const { grant_id: id } = decodeJwt((await client.exchange(url, verifier)).body.access_token ?? '');
    const inAccount = await browser.open(`/mcp/oauth/account/connections/${id}`);

    for (const { status, html } of [page, inAccount]) {
      const said = sentences.flatMap((sentence, index) => (html.includes(sentence) ? [index] : []));
      expect([status, said]).toEqual([200, named]);
    }
  });
});

describe('how long it lasts', () => {
  it.each([
    [{}, 'at least once every 30 days.'],
    [{ connection: 7_776_000 }, 'at least once every 30 days, for 90 days at most.'],
    [{ refreshToken: 7200 }, 'at least once every 2 hours.'],
    [{ refreshToken: 7199, connection: 86_400 }, 'at least once every hour, for 24 hours at most.'],
  ])('is said as the policy has it: %j', async (lifetimes, said) => {
    await using other = await startServer({ policy: { lifetimes } });

    const { page } = await (await createVisitor(other)).reachesConsent();

    expect(page.html).toContain(said);
  });
});
