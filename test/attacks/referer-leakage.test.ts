import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import { createPlainBrowser, type Rest } from '../support/browser-without-a-screen.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password } from '../support/visitor.ts';

/** RFC 9700 §4.2, credential leakage via Referer: what the next site, or its log, is told of where somebody came from. */
const here = shared(startAttacked);
const visitor = shared(() => createVisitor(here.server));

/** All pages from the sign-in to the one that leads to the tool. */
async function goesThrough() {
  const { browser, page: signIn, client, verifier } = await visitor.reachesSignIn();
  const organizations = await browser.submit(signIn, '/sign-in', { email: 'demo@example.com', password });
  const consent = await browser.open(`${organizations.url.pathname}?organization=acme`);
  const gone = await browser.submit(consent, '/consent');
  const last = gone.sentBy as Rest;
  const exchange = () => client.exchange(gone.url, verifier);
  return {
    browser,
    pages: { signIn, organizations, consent, last },
    code: gone.url.searchParams.get('code') ?? '',
    exchange,
  };
}

describe('the next site', () => {
  it('is told by no page where its visitor comes from, and fetches nothing for one', async () => {
    const { pages } = await goesThrough();
    for (const [name, { headers, html }] of Object.entries(pages)) {
      expect([name, headers.get('referrer-policy')]).toEqual([
        name,
        expect.stringMatching(/^(same-origin|no-referrer)$/),
      ]);
      expect([name, html]).toEqual([name, expect.not.stringMatching(/\b(src|srcset|poster|data)="(https?:)?\/\//)]);
      expect([name, html]).toEqual([name, expect.not.stringMatching(/name="referrer"|referrerpolicy=/i)]);
    }
  });

  it('learns no code from an address of ours, and no page has one but the last, for the browser of the flow', async () => {
    const { pages, code } = await goesThrough();
    expect(code).toMatch(/^[\w-]{43}\.[\w-]{43}$/);
    for (const { url } of Object.values(pages)) expect(url.href).not.toContain(code);
    for (const { html } of [pages.signIn, pages.organizations, pages.consent]) expect(html).not.toContain(code);
    expect(pages.last.headers.get('cache-control')).toContain('no-store');
  });
});

describe('the address of the page with the code, out of a Referer or a log,', () => {
  it('leads a stranger nowhere', async () => {
    const { pages, code, exchange } = await goesThrough();
    const stranger = createPlainBrowser(here.server.origin);

    const rest = await here.changesNothing(() => stranger.open(pages.last.url.href));

    expect([rest.status, rest.url.origin]).toEqual([400, here.server.origin]);
    expect(rest.html).not.toContain(code);
    expect((await exchange()).status).toBe(200);
  });

  it('leads nobody anywhere once the code was redeemed, not even that browser', async () => {
    const { browser, pages, code, exchange } = await goesThrough();
    await exchange();

    const rest = await here.changesNothing(() => browser.open(pages.last.url.href));

    expect(rest.url.origin).toBe(here.server.origin);
    expect(rest.html).not.toContain(code);
  });
});
