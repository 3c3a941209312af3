import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { changedPolicy } from '../support/policy.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { password } from '../support/visitor.ts';

const server = shared(startServer);

const languageOf = ({ html }: { html: string }) => /<html lang="([^"]*)" dir="ltr">/.exec(html)?.[1];
const korean = { 'Accept-Language': 'ko-KR,ko;q=0.9,en;q=0.8' };
const account = '/mcp/oauth/account/sign-in';
const linkIn = ({ html }: { html: string }) =>
  /<a href="([^"]*)" lang="(?:ko|en)" hreflang/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
const open = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.origin + path, { headers: { Accept: 'text/html', ...headers }, redirect: 'manual' });
const shown = async (path: string, headers: Record<string, string>) =>
  languageOf({ html: await (await open(path, headers)).text() });

/** The cookies of somebody who chose. */
async function chose(language: string): Promise<string> {
  const { headers } = await open(`${account}?language=${language}`);
  const pairs = headers.getSetCookie().map((each) => each.split(';')[0] ?? '');
  return pairs.filter((each) => each.startsWith('mcp_auth_language')).join('; ');
}

describe('the language of a page', () => {
  it.each([
    ['what the browser says', '', korean, 'ko'],
    ['what the browser says, in its order', '', { 'Accept-Language': 'fr, en;q=0.9, ko;q=0.5' }, 'en'],
    ['the first that there is, for whoever speaks none', '', { 'Accept-Language': 'fr' }, 'en'],
    ['the first, for whoever says nothing', '', {}, 'en'],
    ['what was chosen, before what the browser says', '', { chosen: 'ko', 'Accept-Language': 'en' }, 'ko'],
    ['what is asked for, before what was chosen', '?ui_locales=en', { chosen: 'ko', ...korean }, 'en'],
    ['the first that is asked for and there', '?ui_locales=fr+ko-KR+en', {}, 'ko'],
    ['another way, where what is asked for is not there', '?ui_locales=fr', korean, 'ko'],
    ['another way, where what is asked for is nonsense', '?ui_locales=%00%22%3E+..%2F+ko_KR', korean, 'ko'],
    ['another way, where it is asked for twice', '?ui_locales=en&ui_locales=en', korean, 'ko'],
    ['another way, where what is asked for is endless', `?ui_locales=${'x-'.repeat(2000)}en`, korean, 'ko'],
    [
      'another way, where the choice is none',
      '',
      { Cookie: 'mcp_auth_language_00000000=ko', 'Accept-Language': 'en' },
      'en',
    ],
    ['the first, where the header is nonsense', '', { 'Accept-Language': '*;;q=ko,,=' }, 'en'],
    ['the first, where the header is endless', '', { 'Accept-Language': `${'zz-ZZ,'.repeat(2000)}ko` }, 'en'],
  ] as [string, string, Record<string, string>, string][])(
    'is %s',
    async (_rule, query, { chosen, ...headers }, language) => {
      const cookie = chosen === undefined ? {} : { Cookie: await chose(chosen) };
      expect(await shown(account + query, { ...headers, ...cookie })).toBe(language);
    },
  );

  it('is not believed of a cookie that nobody signed', async () => {
    const [name] = (await chose('ko')).split('=');
    expect(await shown(account, { Cookie: `${name}=ko`, 'Accept-Language': 'en' })).toBe('en');
    expect(await shown(account, { Cookie: `${name}=ko; ${name}.sig=AAAA`, 'Accept-Language': 'en' })).toBe('en');
  });

  it('is said to browsers and caches', async () => {
    const { headers } = await open(account, korean);
    expect(headers.get('content-language')).toBe('ko');
    expect(headers.get('vary')).toMatch(/accept-language/i);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('is English for tools, whatever they say they read', async () => {
    const refused = await fetch(`${server.issuer}/oauth/token`, {
      method: 'POST',
      headers: { ...korean, Accept: 'application/json' },
    });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toMatch(/^[\x20-\x7E]*$/);
    const absent = await fetch(`${server.issuer}/oauth/nothing`, {
      headers: { ...korean, Accept: 'application/json' },
    });
    expect(await absent.text()).toMatch(/^[\x20-\x7E]*$/);
  });
});

describe('the link to another language', () => {
  it.each(['', '?to=%2Fmcp%2Foauth%2Faccount%2Fsign-out', '?a=%22%3E&b=%ED%95%9C'])(
    'leads to the same page: %j',
    async (query) => {
      const page = await open(account + query, { 'Accept-Language': 'en' });
      const link = new URL(linkIn({ html: await page.text() }), server.origin + account + query);
      const kept = await open(link.pathname + link.search);
      expect(kept.status).toBe(303);
      const back = new URL(kept.headers.get('location') ?? '', link);
      expect([back.origin, back.pathname]).toEqual([server.origin, account]);
      expect([...back.searchParams]).toEqual([...new URLSearchParams(query)]);
    },
  );

  it('keeps the choice as our cookies are kept', async () => {
    const { headers } = await open(`${account}?language=ko`, { 'Sec-Fetch-Site': 'same-origin' });
    const [cookie] = headers.getSetCookie().filter((each) => /^mcp_auth_language_[0-9a-f]{8}=ko;/.test(each));
    expect(cookie).toMatch(/; httponly/i);
    expect(cookie).toMatch(/; samesite=lax/i);
    expect(cookie).toMatch(/; path=\/;/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it.each(['cross-site', 'same-site'])('decides nothing for whoever follows it from elsewhere: %s', async (site) => {
    const { status, headers } = await open(`${account}?language=ko`, { 'Sec-Fetch-Site': site });
    expect(status).toBe(303);
    expect(headers.getSetCookie().filter((each) => each.includes('language'))).toEqual([]);
  });

  it.each([
    ['another host as a path', '//evil.example?language=ko'],
    ['another host as a path of ours', '/mcp/oauth/account//evil.example?language=ko'],
    ['a backslash', '/\\evil.example?language=ko'],
    ['a language and a line', '/mcp/oauth/account/sign-in?language=ko%0d%0aLocation:%20https://evil.example'],
    ['another host in the query', '/mcp/oauth/account/sign-in?back=https://evil.example&language=ko'],
  ])('leads to no other host: %s', async (_attack, target) => {
    const { headers } = await open(target, { Referer: 'https://evil.example/mcp/oauth/account/sign-in?x=1' });
    const location = headers.get('location');
    expect(new URL(location ?? '?', server.origin + account).origin).toBe(server.origin);
    expect(location ?? '?').toMatch(/^\?/);
    expect(headers.get('x-evil')).toBeNull();
  });

  it.each(['de', 'KO', '__proto__', ''])('knows no language %j', async (language) => {
    const { status, headers } = await open(`${account}?language=${language}`);
    expect([status, headers.getSetCookie().filter((each) => each.includes('language'))]).toEqual([200, []]);
  });

  it('brings a refused request back as it was, and says nothing of it in the page', async () => {
    const path = '/mcp/oauth/authorize?client_id=nobody&state=canary';
    const html = await (await open(path, { 'Accept-Language': 'en' })).text();
    expect(html).not.toContain('canary');
    expect(linkIn({ html })).toBe('?language=ko');
    const { headers } = await open('/mcp/oauth/authorize?language=ko', { Referer: server.origin + path });
    expect(headers.get('location')).toBe('?client_id=nobody&state=canary');
  });
});

describe('a flow', () => {
  const flow = async (request: Record<string, string>, headers: Record<string, string> = {}) => {
    const browser = createPlainBrowser(server.origin, headers);
    const client = await registerClient(server.issuer);
    const { url } = client.authorizationRequest(request);
    return { browser, page: await browser.open(url.href) };
  };
  const signsIn = (browser: PlainBrowser, page: LoadedPage) =>
    browser.submit(page, '/sign-in', { email: 'demo@example.com', password });

  it('is in the language that its request asks for, to its end', async () => {
    const { browser, page } = await flow({ ui_locales: 'ko' });
    const organizations = await signsIn(browser, page);
    const consent = await browser.open(`${organizations.url.pathname}?organization=acme`);
    const { sentBy: receipt } = await browser.submit(consent, '/consent');
    expect([page, organizations, consent, receipt as LoadedPage].map(languageOf)).toEqual(['ko', 'ko', 'ko', 'ko']);
  });

  it('goes on in the language that somebody chose in it, where they were, against what the request asked for', async () => {
    const { browser, page } = await flow({ ui_locales: 'ko' });
    const organizations = await signsIn(browser, page);
    const consent = await browser.open(`${organizations.url.pathname}?organization=acme`);
    const english = await browser.open(new URL(linkIn(consent), consent.url).href);
    expect([languageOf(english), english.url.pathname, english.url.searchParams.get('organization')]).toEqual([
      'en',
      consent.url.pathname,
      'acme',
    ]);
    const { sentBy: receipt } = await browser.submit(english, '/consent');
    expect(languageOf(receipt as LoadedPage)).toBe('en');
    expect(receipt?.html).toContain('You approved');
  });

  it('comes from a refused form to the page that it is on', async () => {
    const { browser, page } = await flow({});
    const refused = await browser.submit(page, '/sign-in', { email: 'demo@example.com', password: 'wrong' });
    const inKorean = await browser.open(new URL(linkIn(refused), refused.url).href);
    expect([languageOf(inKorean), inKorean.url.pathname]).toEqual(['ko', page.url.pathname]);
    expect(languageOf(await signsIn(browser, inKorean))).toBe('ko');
  });
});

describe('a language of an operator that is read from right to left', () => {
  it('turns the page, and no page of the others', async () => {
    using policy = changedPolicy({ languages: ['en', 'ar', 'he-IL'], messages: { ar: 'ar.mf2', 'he-IL': 'ar.mf2' } });
    writeFileSync(join(dirname(policy.env.CONFIG_FILE), 'ar.mf2'), '[page]\nsign-in = تسجيل الدخول\n');
    await using turned = await startServer({ env: policy.env });
    const rootIn = async (language: string) => {
      const headers = { Accept: 'text/html', 'Accept-Language': language };
      const page = await fetch(`${turned.origin}${account}`, { headers });
      return /<html[^>]*>/.exec(await page.text())?.[0];
    };
    expect(await Promise.all(['ar-EG', 'he-IL', 'en'].map(rootIn))).toEqual([
      '<html lang="ar" dir="rtl">',
      '<html lang="he-IL" dir="rtl">',
      '<html lang="en" dir="ltr">',
    ]);
  });
});
