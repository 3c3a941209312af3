import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import type { PlainBrowser, Rest } from '../support/browser-without-a-screen.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password } from '../support/visitor.ts';

/** RFC 9700 §4.12, 307 redirect: a browser that is sent on with 307 or 308 posts the password again, to whoever is there. */
const here = shared(startAttacked);
const visitor = shared(() => createVisitor(here.server));

/** The form of the page as it is, with these fields, and only its own answer. */
function posts(browser: PlainBrowser, { url, html }: Rest, formAction: string, fields: Record<string, string>) {
  const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const cookies = [...browser.cookies].map(([key, { value }]) => `${key.split(' ')[0]}=${value}`).join('; ');
  return fetch(`${url.origin}${url.pathname}${formAction}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Cookie: cookies, Accept: 'text/html' },
    body: new URLSearchParams({ csrf, ...fields }),
  });
}

const right = { email: 'demo@example.com', password };

describe('a form with a password', () => {
  it('is answered by 303, which drops it, when the password is right', async () => {
    const { browser, page } = await visitor.reachesSignIn();

    const answer = await posts(browser, page, '/sign-in', right);

    expect(answer.status).toBe(303);
    const target = new URL(answer.headers.get('location') ?? '', page.url);
    expect(target.origin).toBe(here.server.origin);
    expect(target.href).not.toContain(encodeURIComponent(right.password));
  });

  it.each([
    ['a wrong password', { ...right, password: 'not-this-one' }, 422],
    ['an unknown email', { ...right, email: 'nobody@example.com' }, 422],
    ['a forged anti-forgery value', { ...right, csrf: 'x' }, 403],
  ])('is answered by a page with %s: nobody is sent anywhere', async (_name, fields, status) => {
    const { browser, page } = await visitor.reachesSignIn();

    const answer = await here.changesNothing(() => posts(browser, page, '/sign-in', fields));

    expect([answer.status, answer.headers.get('location')]).toEqual([status, null]);
    expect(await answer.text()).not.toContain(fields.password);
  });

  it('is never answered by a tool: consent is a page, and what it leads to a link that is opened', async () => {
    const { browser, page } = await visitor.reachesConsent();

    const answer = await posts(browser, page, '/consent', { organization: 'acme', scope: 'project:read' });

    expect(answer.status === 200 || answer.status === 303).toBe(true);
    const target = new URL(answer.headers.get('location') ?? page.url.href, page.url);
    expect(target.origin).toBe(here.server.origin);
  });
});

describe('the one 307 that there is, for tools that guess where the authorization endpoint is', () => {
  it('leads to that endpoint of ours, whatever is posted, which goes on with 303', async () => {
    const body = () =>
      new URLSearchParams({ ...right, redirect_uri: 'https://evil.example/', location: '//evil.example' });
    const answer = await here.changesNothing(() =>
      fetch(`${here.server.origin}/authorize`, { method: 'POST', redirect: 'manual', body: body() }),
    );

    const target = new URL(answer.headers.get('location') ?? '', here.server.origin);
    expect([answer.status, target.href]).toEqual([307, `${here.server.issuer}/oauth/authorize`]);
    const there = await here.changesNothing(() => fetch(target, { method: 'POST', redirect: 'manual', body: body() }));
    expect([there.status, there.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/^\/mcp\/oauth\/authorize\?/),
    ]);
  });
});
