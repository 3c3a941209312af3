import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import type { LoadedPage, PlainBrowser } from '../support/browser-without-a-screen.ts';
import { cookieHeader, csrfOf } from '../support/cookies.ts';
import { answerIn } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password, type Reached } from '../support/visitor.ts';

const here = shared(startAttacked);
const visitor = shared(() => createVisitor(here.server));
const credentials = { email: 'demo@example.com', password };

/** The form of the page as it is, with these fields, sent to an address of ours, and only its own answer. */
function posts(browser: PlainBrowser, page: LoadedPage, to: string, fields: Record<string, string> = {}) {
  return fetch(to, {
    method: 'POST',
    redirect: 'manual',
    headers: { Cookie: cookieHeader(browser), Accept: 'text/html' },
    body: new URLSearchParams({ csrf: csrfOf(page), ...fields }),
  });
}
const formOf = ({ url }: LoadedPage, action: string) => `${url.origin}${url.pathname}${action}`;
const targetOf = (answer: Response) => new URL(answer.headers.get('location') ?? '', here.server.origin);

/**
 * RFC 9700 §4.7, cross-site request forgery: a form or an answer that comes from a page, or a run, of somebody else's. And what a
 * tool knows a mix-up by (RFC 9700 §4.4.2.1): who answers.
 */
const actions = ['/sign-in', '/consent', '/decline'] as const;
const pageWith = (action: string) => (action === '/consent' ? visitor.reachesConsent() : visitor.reachesSignIn());
const calledBy = (site: string) => (to: Reached, action: string) =>
  to.browser.submit(to.page, action, credentials, { 'Sec-Fetch-Site': site });

const forgeries: [
  string,
  (to: Reached, action: string, csrfOfAnother: string) => Promise<LoadedPage>,
  number,
  string,
][] = [
  [
    'without the anti-forgery value is refused (RFC 6819 §4.4.1.8)',
    ({ browser, page }, action) => browser.submit(page, action, { ...credentials, csrf: [] }),
    ...([403, 'We stopped this request'] as const),
  ],
  [
    'with the anti-forgery value of another flow is refused',
    ({ browser, page }, action, csrf) => browser.submit(page, action, { ...credentials, csrf }),
    ...([403, 'We stopped this request'] as const),
  ],
  [
    'of a flow that another browser began is refused',
    ({ page }, action) => here.stranger().submit(page, action, credentials),
    ...([400, 'This sign-in has ended'] as const),
  ],
  ['that the browser calls cross-site is refused (R50)', calledBy('cross-site'), 403, ''],
  ['that the browser calls same-site is refused (R50)', calledBy('same-site'), 403, ''],
];

describe('a forged form', () => {
  it.each(actions.flatMap((action) => forgeries.map((forgery) => [action, ...forgery] as const)))(
    '%s %s',
    async (action, _how, forges, status, words) => {
      const reached = await pageWith(action);
      const csrf = csrfOf((await pageWith(action)).page);
      expect(csrf).toMatch(/^[\w-]{43}$/);

      const rest = await here.changesNothing(() => forges(reached, action, csrf));

      expect([rest.status, rest.html]).toEqual([status, expect.stringContaining(words)]);
    },
  );

  it('sent to the URL of another flow is refused, with the cookies of its own too', async () => {
    const own = await visitor.reachesSignIn();
    const other = await visitor.reachesSignIn();

    const response = await here.changesNothing(() => posts(own.browser, own.page, formOf(other.page, '/decline')));

    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('This sign-in has ended')]);
    expect((await own.browser.submit(own.page, '/decline')).url.searchParams.get('error')).toBe('access_denied');
  });

  it.each(actions)('%s is not submitted by a GET: no link changes anything', async (action) => {
    const { browser, page } = await pageWith(action);

    const { status, url } = await here.changesNothing(() => browser.open(formOf(page, action)));

    expect([status, url.origin, url.pathname]).toEqual([200, here.server.origin, page.url.pathname]);
  });
});

describe('an answer that the tool did not ask for', () => {
  it.each<[string, Record<string, string>]>([
    ['a code', {}],
    ['an error', { response_type: 'token' }],
    ['an error of a request without a page', { prompt: 'none' }],
  ])('is known by the state of its request and by who answers, in %s (RFC 9207 §2, R4, R46)', async (name, asks) => {
    const state = 'of the tool & only its own; "õ"';
    const { url } = here.client.authorizationRequest({ state, ...asks });

    const answered = name === 'a code' ? await here.person.approves(url) : (await here.stranger().open(url.href)).url;

    expect(answerIn(answered)).toMatchObject({ state, iss: here.server.issuer });
  });
});

/** RFC 9700 §4.12, 307 redirect: a browser that is sent on with 307 or 308 posts the password again, to whoever is there. */
describe('a form with a password', () => {
  const signsIn = ({ browser, page }: Reached, fields: Record<string, string>) =>
    posts(browser, page, formOf(page, '/sign-in'), fields);

  it('is answered by 303, which drops it, when the password is right', async () => {
    const answer = await signsIn(await visitor.reachesSignIn(), credentials);

    expect([answer.status, targetOf(answer).origin]).toEqual([303, here.server.origin]);
    expect(targetOf(answer).href).not.toContain(encodeURIComponent(password));
  });

  it.each([
    ['a wrong password', { ...credentials, password: 'not-this-one' }, 422],
    ['an unknown email', { ...credentials, email: 'nobody@example.com' }, 422],
    ['a forged anti-forgery value', { ...credentials, csrf: 'x' }, 403],
  ])('is answered by a page with %s: nobody is sent anywhere', async (_name, fields, status) => {
    const reached = await visitor.reachesSignIn();

    const answer = await here.changesNothing(() => signsIn(reached, fields));

    expect([answer.status, answer.headers.get('location')]).toEqual([status, null]);
    expect(await answer.text()).not.toContain(fields.password);
  });

  it('is never answered by a tool: consent is a page, and what it leads to a link that is opened', async () => {
    const { browser, page } = await visitor.reachesConsent();
    const approval = { organization: 'acme', scope: 'project:read' };

    const answer = await posts(browser, page, formOf(page, '/consent'), approval);

    expect([200, 303]).toContain(answer.status);
    expect(targetOf(answer).origin).toBe(here.server.origin);
  });
});

describe('the one 307 that there is, for tools that guess where the authorization endpoint is', () => {
  it('leads to that endpoint of ours, whatever is posted, which goes on with 303', async () => {
    const luring = { ...credentials, redirect_uri: 'https://evil.example/', location: '//evil.example' };
    const posted = (to: string | URL) =>
      here.changesNothing(() => fetch(to, { method: 'POST', redirect: 'manual', body: new URLSearchParams(luring) }));

    const answer = await posted(`${here.server.origin}/authorize`);
    expect([answer.status, targetOf(answer).href]).toEqual([307, `${here.server.issuer}/oauth/authorize`]);
    const there = await posted(targetOf(answer));
    const onwards = expect.stringMatching(/^\/mcp\/oauth\/authorize\?/);
    expect([there.status, there.headers.get('location')]).toEqual([303, onwards]);
  });
});
