import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { type Connected, connect } from '../support/connect.ts';
import { findLooseDirection, outline } from '../support/page-measures.ts';
import { openBrowserFor, type PersonInBrowser } from '../support/person-in-browser.ts';
import { endless, markup, override } from '../support/sample-pages.ts';
import { startServer, type TestServer } from '../support/server.ts';

const names = { ordinary: 'Claude Code', markup, 'a reversed writing direction': override, '300 letters': endless };
type Name = keyof typeof names;

let server: TestServer;
let browser: Browser;
let person: PersonInBrowser;
let page: Page;
const connected = new Map<Name, Connected>();
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  for (const [kind, client_name] of Object.entries(names)) {
    // Twice, so that there is something to disconnect together.
    await connect(server, { client: { client_name } });
    connected.set(kind as Name, await connect(server, { client: { client_name } }));
  }
  person = await openBrowserFor(browser);
  page = person.page;
  await person.opens(`${server.origin}/mcp/oauth/account`);
  await person.signsIn();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const connection = (kind: Name) => `/mcp/oauth/account/connections/${connected.get(kind)?.claims.grant_id}`;
const pages: Record<string, (kind: Name) => string> = {
  'the sign-in page': () => '/mcp/oauth/account/sign-in',
  'the list of connections': () => '/mcp/oauth/account',
  'a connection': connection,
  'the form to rename': (kind) => `${connection(kind)}/rename`,
  'the form to change': (kind) => `${connection(kind)}/change?organization=globex`,
  'the question whether to disconnect': (kind) => `${connection(kind)}/disconnect`,
  'the question whether to disconnect all': () => '/mcp/oauth/account/clients/disconnect?client=name%3AClaude%20Code',
  'the connections of an organization': () => '/mcp/oauth/account/organizations/acme',
  'what there is beside the password': () => '/mcp/oauth/account/security',
  'the page to set up an app': () => '/mcp/oauth/account/security/app',
  'the form for another password': () => '/mcp/oauth/account/password',
  'the question whether to sign out everywhere': () => '/mcp/oauth/account/sign-out/everywhere',
  'the question whether to sign out': () => '/mcp/oauth/account/sign-out',
};

async function show(path: string, { width = 1280, colorScheme = 'light' as 'light' | 'dark' } = {}) {
  person.complaints.length = 0;
  await page.setViewportSize({ width, height: 720 });
  await page.emulateMedia({ colorScheme });
  await person.opens(server.origin + path);
  await openDetails();
}

const openDetails = () =>
  page.locator('details').evaluateAll((all) => {
    for (const each of all) each.setAttribute('open', '');
  });

describe.each(Object.entries(pages))('%s', (_name, path) => {
  it('is a complete document with one heading, without script and without complaint', async () => {
    await show(path('ordinary'));
    expect(await page.title()).toMatch(/ · bkend$/);
    expect(await page.locator('main h1').count()).toBe(1);
    expect(await page.locator('script, style, [style], img, iframe, [src], link[href*="//"]').count()).toBe(0);
    expect(person.complaints).toEqual([]);
  });

  it('takes no click on what changes a connection or a session just after it was opened, like Authorize', async () => {
    await show(path('ordinary'));
    const decides = /\/(change|disconnect|sign-out|everywhere)$/.test(page.url().split('?')[0] ?? '');
    const buttons = `[...document.querySelectorAll('main form[method=post] button')]`;
    const animations: string[] = await page.evaluate(`${buttons}.map((each) => getComputedStyle(each).animationName)`);
    expect(animations.some((names) => names.startsWith('shut'))).toBe(decides);
  });

  it('carries the anti-forgery value in each form', async () => {
    await show(path('ordinary'));
    expect(await page.locator('form[method=post] > input[type=hidden][name=csrf]').count()).toBe(
      await page.locator('form').count(),
    );
  });

  it.each(Object.keys(names).slice(1) as Name[])('gives a tool no power that calls itself: %s', async (kind) => {
    await show(path('ordinary'));
    const expected = await page.evaluate(outline);
    await show(path(kind), { width: 320 });
    expect(await page.evaluate(outline)).toEqual(expected);
    expect(await page.evaluate(findLooseDirection)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(person.complaints).toEqual([]);
  });
});
