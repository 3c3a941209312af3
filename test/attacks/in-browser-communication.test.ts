import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password } from '../support/visitor.ts';

/** RFC 9700 §4.17, attacks on in-browser communication flows: no answer is handed from window to window, nor read by another origin. */
const here = shared(startAttacked);
const visitor = shared(() => createVisitor(here.server));

describe('an answer', () => {
  it.each(
    ['web_message', 'form_post', 'form_post.jwt', 'query.jwt', 'jwt', 'postmessage'].flatMap((mode) =>
      [undefined, 'none'].map((prompt) => [mode, prompt] as const),
    ),
  )('in the response mode %s is refused, with the prompt %s', async (mode, prompt) => {
    const { url } = here.client.authorizationRequest({ response_mode: mode, prompt });

    const rest = await here.changesNothing(() => here.person.browser.open(url.href));

    const error = rest.url.searchParams.get('error') ?? '';
    expect(rest.status === 400 ? 'a page' : error).toMatch(/^(a page|unsupported_response_mode)$/);
    expect(rest.html).not.toMatch(/<script|postMessage|onload/i);
    expect(rest.url.searchParams.has('code')).toBe(false);
  });

  it('in another one is announced to nobody', async () => {
    const metadata = await (await fetch(`${here.server.issuer}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).toMatchObject({ response_modes_supported: ['query', 'fragment'] });
  });
});

describe('another origin', () => {
  it('is sent nothing by a page of the flow: none runs a script, and none may be framed', async () => {
    const { browser, page: signIn } = await visitor.reachesSignIn();
    const organizations = await browser.submit(signIn, '/sign-in', { email: 'demo@example.com', password });
    const consent = await browser.open(`${organizations.url.pathname}?organization=acme`);
    const last = (await browser.submit(consent, '/consent')).sentBy as Rest;
    for (const { headers, html } of [signIn, organizations, consent, last]) {
      expect(html).not.toMatch(/<script|postMessage|window\.opener|<iframe/i);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('script-src');
      expect(policy).toContain("frame-ancestors 'none'");
    }
  });

  it.each(['GET', 'POST', 'OPTIONS'])('reads no page and no answer, asked with %s', async (method) => {
    const { page } = await visitor.reachesSignIn();
    const { url } = here.client.authorizationRequest({ prompt: 'none' });
    for (const href of [page.url.href, url.href]) {
      const headers = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'GET' };
      const answer = await here.changesNothing(() => fetch(href, { method, headers, redirect: 'manual' }));
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});
