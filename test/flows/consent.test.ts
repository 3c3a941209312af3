import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password, type Reached } from '../support/visitor.ts';

const server = shared(startServer);
const visitor = shared(() => createVisitor(server));

type Fields = Record<string, string | readonly string[]>;
const consents = ({ browser, page }: Reached, fields: Fields = {}) => browser.submit(page, '/consent', fields);
/** The token of who consents so. */
async function tokenOf(reached: Reached, fields?: Fields): Promise<Record<string, unknown>> {
  const { body } = await reached.client.exchange((await consents(reached, fields)).url, reached.verifier);
  return decodeJwt(body.access_token ?? '');
}

const opensWith = ({ browser, page }: Reached, query: string) => browser.open(`${page.url.pathname}?${query}`);
const isConsentFor = (slug: string, { html }: LoadedPage) => html.includes(`name="organization" value="${slug}"`);
const choice = 'Choose an organization';

describe('the organization', () => {
  it('is chosen on a page when there are several, and the choice is in the URL', async () => {
    const reached = await visitor.reachesOrganizations();

    expect(reached.page.html).toContain(choice);
    for (const slug of ['acme', 'globex']) expect(reached.page.html).toContain(`?organization=${slug}"`);
    expect(isConsentFor('globex', await opensWith(reached, 'organization=globex'))).toBe(true);
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
    const reached = await visitor.reachesOrganizations({ request: { organization: 'globex' } });

    expect((await opensWith(reached, 'organization=')).html).toContain(choice);
  });

  it.each(['initech', 'nowhere', 'ACME'])('"%s", of which the person is no member, is not chosen', async (slug) => {
    const reached = await visitor.reachesOrganizations({ request: { organization: slug } });

    for (const rest of [reached.page, await opensWith(reached, `organization=${slug}`)]) {
      expect(rest).toMatchObject({ status: 422, html: expect.stringContaining(choice) });
      expect(rest.html).not.toContain('/consent"');
    }
  });

  it('that a form claims, of which the person is no member, grants nothing', async () => {
    const { url, html } = await consents(await visitor.reachesConsent(), { organization: 'initech' });

    expect([url.origin, html]).toEqual([server.origin, expect.stringContaining(choice)]);
  });

  it('chosen last is offered first', async () => {
    const reached = await visitor.reachesConsent({ organization: 'globex' });
    await consents(reached);

    const { page } = await visitor.reachesOrganizations({ browser: reached.browser });

    expect(page.html.indexOf('?organization=globex"')).toBeLessThan(page.html.indexOf('?organization=acme"'));
  });
});

describe('the consent form', () => {
  const more = ['project:read', 'project:delete'];
  it.each([
    ['grants what stayed ticked', 'project:read project:create', ['project:create'], 'project:create'],
    ['grants nothing that was not requested, whatever is posted', 'project:read', more, 'project:read'],
  ])('%s', async (_what, requested, scope, granted) => {
    const reached = await visitor.reachesConsent({ request: { scope: requested } });
    expect((await tokenOf(reached, { scope })).scope).toBe(granted);
  });

  it('grants nothing that the role withholds, whatever is posted', async () => {
    const scope = 'project:read project:create';
    const reached = await visitor.reachesConsent({ organization: 'globex', request: { scope } });
    expect(reached.page.html).not.toContain('value="project:create"');

    const granted = await tokenOf(reached, { scope: scope.split(' ') });
    expect(granted).toMatchObject({ scope: 'project:read', org_role: 'viewer' });
  });

  it('of one organization is checked by the role in the one that is posted', async () => {
    const reached = await visitor.reachesConsent({ organization: 'acme', request: { scope: '*:*' } });

    const { org_slug: slug, scope } = await tokenOf(reached, { organization: 'globex' });
    expect(slug).toBe('globex');
    expect(scope).toMatch(/^\S+:read( \S+:read)*$/);
  });

  it('with nothing ticked asks again', async () => {
    const said = expect.stringContaining('Leave at least one permission ticked, or decline.');
    const asked = await consents(await visitor.reachesConsent(), { scope: [] });
    expect(asked).toMatchObject({ status: 422, html: said });
  });

  it('is shown for every authorization, also of the same client and scopes, whose connection goes on (R52)', async () => {
    const client = await registerClient(server.issuer);
    const first = await visitor.reachesConsent({ client });
    const { grant_id: connection } = await tokenOf(first);

    const second = await visitor.reachesConsent({ client, browser: first.browser });
    expect(isConsentFor('acme', second.page)).toBe(true);
    expect((await tokenOf(second)).grant_id).toBe(connection);
  });
});

describe('a request that may show no page (prompt=none)', () => {
  async function askSilently({ browser, client }: Reached) {
    const { url, state } = client.authorizationRequest({ prompt: 'none' });
    return { state, answer: Object.fromEntries((await browser.open(url.href)).url.searchParams) };
  }

  it('gets no code without a new approval, whatever was approved before (OpenID Connect Core §3.1.2.6, R52)', async () => {
    const reached = await visitor.reachesConsent();
    await consents(reached);

    const { answer, state } = await askSilently(reached);

    expect(answer).toMatchObject({ error: 'consent_required', state, iss: server.issuer });
  });

  it('gets no code without a session', async () => {
    const { answer } = await askSilently(await visitor.reachesSignIn());
    expect(answer).toMatchObject({ error: 'login_required', iss: server.issuer });
  });
});

describe('another account', () => {
  const solo = { email: 'solo@example.com', password };

  it('can sign in within the flow, and the token is theirs', async () => {
    const reached = await visitor.reachesConsent();
    const other = await opensWith(reached, 'account=another');
    expect(other.html).toContain('demo@example.com');

    const page = await reached.browser.submit(other, '/sign-in', solo);

    expect(await tokenOf({ ...reached, page })).toMatchObject({ org_slug: 'initech' });
  });

  it('that signs in elsewhere in the browser ends the flows of the first', async () => {
    const first = await visitor.reachesConsent();
    const { browser } = first;
    const second = await visitor.reachesConsent({ browser });
    await browser.submit(await opensWith(second, 'account=another'), '/sign-in', solo);

    const { status, url, html } = await consents(first);

    expect([status, url.origin]).toEqual([400, server.origin]);
    expect(html).toContain('This sign-in has ended');
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
      expect(Object.fromEntries((await reaches()).page.headers)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        'cache-control': 'no-store',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'unsafe-none',
      });
    },
  );

  it.each([
    ['https://tool.example/callback', 'tool.example'],
    ['cursor://anysphere.cursor-mcp/callback', 'cursor://anysphere.cursor-mcp'],
  ])('shows where the browser will be sent: %s (R51)', async (uri, shown) => {
    const client = await registerClient(server.issuer, { redirect_uris: [uri], client_name: 'A <b>bold</b> tool' });
    const { html } = (await visitor.reachesConsent({ client })).page;

    for (const words of [shown, 'A &lt;b&gt;bold&lt;/b&gt; tool']) expect(html).toContain(words);
  });
});

describe('what the tool learns about the person', () => {
  const sentences = ['Which account this is', 'Your name.', 'Your email address.'];

  it.each([
    ['project:read', []],
    ['project:read openid', [0]],
    ['project:read openid profile email', [0, 1, 2]],
    ['project:read openid email offline_access', [0, 2]],
  ])('is named for the scope %s, and afterwards in the account', async (scope, named) => {
    const reached = await visitor.reachesConsent({ request: { scope } });
    const { grant_id: id } = await tokenOf(reached);
    const inAccount = await reached.browser.open(`/mcp/oauth/account/connections/${id}`);

    for (const { status, html } of [reached.page, inAccount]) {
      const said = sentences.flatMap((sentence, index) => (html.includes(sentence) ? [index] : []));
      expect([status, said]).toEqual([200, named]);
    }
  });
});

it.each([
  [{}, 'at least once every 30 days.'],
  [{ connection: 7_776_000 }, 'at least once every 30 days, for 90 days at most.'],
  [{ refreshToken: 7200 }, 'at least once every 2 hours.'],
  [{ refreshToken: 7199, connection: 86_400 }, 'at least once every hour, for 24 hours at most.'],
])('how long it lasts is said as the policy has it: %j', async (lifetimes, said) => {
  await using other = await startServer({ policy: { lifetimes } });

  expect((await (await createVisitor(other)).reachesConsent()).page.html).toContain(said);
});
