import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password, type Reached } from '../support/visitor.ts';

/**
 * RFC 9700 §4.7, cross-site request forgery: a form or an answer that comes from a page, or a run, of somebody else's. And what a
 * tool knows a mix-up by (RFC 9700 §4.4.2.1): who answers.
 */
const here = shared(startAttacked);
const visitor = shared(() => createVisitor(here.server));

const actions = ['/sign-in', '/consent', '/decline'] as const;
const pageWith = (formAction: string) =>
  formAction === '/consent' ? visitor.reachesConsent() : visitor.reachesSignIn();
const csrfOf = ({ page }: Reached) => /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
const credentials = { email: 'demo@example.com', password };

describe('a forged form', () => {
  it.each(actions)('%s without the anti-forgery value is refused (RFC 6819 §4.4.1.8)', async (formAction) => {
    const { browser, page } = await pageWith(formAction);

    const { status, html } = await here.changesNothing(() =>
      browser.submit(page, formAction, { ...credentials, csrf: [] }),
    );

    expect(status).toBe(403);
    expect(html).toContain('We stopped this request');
  });

  it.each(actions)('%s with the anti-forgery value of another flow is refused', async (formAction) => {
    const { browser, page } = await pageWith(formAction);
    const csrf = csrfOf(await pageWith(formAction));

    const { status } = await here.changesNothing(() => browser.submit(page, formAction, { ...credentials, csrf }));

    expect(csrf).toMatch(/^[\w-]{43}$/);
    expect(status).toBe(403);
  });

  it.each(actions)('%s of a flow that another browser began is refused', async (formAction) => {
    const { page } = await pageWith(formAction);
    const stranger = createPlainBrowser(here.server.origin);

    const { status, html } = await here.changesNothing(() => stranger.submit(page, formAction, credentials));

    expect(status).toBe(400);
    expect(html).toContain('This sign-in has ended');
  });

  it.each(actions.flatMap((formAction) => ['cross-site', 'same-site'].map((site) => [formAction, site] as const)))(
    '%s that the browser calls %s is refused (R50)',
    async (formAction, site) => {
      const { browser, page } = await pageWith(formAction);

      const rest = await here.changesNothing(() =>
        browser.submit(page, formAction, credentials, { 'Sec-Fetch-Site': site }),
      );

      expect(rest.status).toBe(403);
    },
  );

  it('sent to the URL of another flow is refused, with the cookies of its own too', async () => {
    const own = await visitor.reachesSignIn();
    const other = await visitor.reachesSignIn();
    const cookies = [...own.browser.cookies].map(([key, { value }]) => `${key.split(' ')[0]}=${value}`).join('; ');

    const response = await here.changesNothing(() =>
      fetch(`${other.page.url}/decline`, {
        method: 'POST',
        headers: { Cookie: cookies, Accept: 'text/html' },
        body: new URLSearchParams({ csrf: csrfOf(own) }),
      }),
    );

    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('This sign-in has ended')]);
    expect((await own.browser.submit(own.page, '/decline')).url.searchParams.get('error')).toBe('access_denied');
  });

  it.each(actions)('%s is not submitted by a GET: no link changes anything', async (formAction) => {
    const { browser, page } = await pageWith(formAction);

    const answer = await here.changesNothing(() => browser.open(`${page.url.origin}${page.url.pathname}${formAction}`));

    expect([answer.status, answer.url.origin, answer.url.pathname]).toEqual([
      200,
      here.server.origin,
      page.url.pathname,
    ]);
  });
});

describe('an answer that the tool did not ask for', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['a code', { prompt: undefined }],
    ['an error', { response_type: 'token' }],
    ['an error of a request without a page', { prompt: 'none' }],
  ])('is known by the state of its request and by who answers, in %s (RFC 9207 §2, R4, R46)', async (_name, asks) => {
    const person = createPlainBrowser(here.server.origin);
    const state = 'of the tool & only its own; "õ"';
    const { url } = here.client.authorizationRequest({ state, ...asks });

    const answered = asks.prompt || asks.response_type ? (await person.open(url.href)).url : await approves(url);

    const answer = new URLSearchParams(answered.search || answered.hash.slice(1));
    expect(Object.fromEntries(answer)).toMatchObject({ state, iss: here.server.issuer });
  });

  const approves = (url: URL) => here.person.approves(url);
});
