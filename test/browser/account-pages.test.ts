import { describe, expect, it } from '@jest/globals';
import { launchBrowser } from '../support/browser.ts';
import { type Connected, connect } from '../support/connect.ts';
import { findLooseDirection, outline } from '../support/page-measures.ts';
import { openBrowserFor } from '../support/person-in-browser.ts';
import { endless, markup, override } from '../support/sample-pages.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { accountPath, fits, openDetails } from './lab.ts';

const names = { ordinary: 'Claude Code', markup, 'a reversed writing direction': override, '300 letters': endless };
type Name = keyof typeof names;

const server = shared(startServer);
const browser = shared(launchBrowser);
const connected = shared(async () => {
  const all = {} as Record<Name, Connected>;
  for (const [kind, client_name] of Object.entries(names)) {
    // Twice, so that there is something to disconnect together.
    await connect(server, { client: { client_name } });
    all[kind as Name] = await connect(server, { client: { client_name } });
  }
  return all;
});
const person = shared(async () => {
  const ada = await openBrowserFor(browser);
  await ada.opens(server.origin + accountPath);
  await ada.signsIn();
  return ada;
});

const connection = (kind: Name) => `/connections/${connected[kind].claims.grant_id}`;
const pages: Record<string, (kind: Name) => string> = {
  'the sign-in page': () => '/sign-in',
  'the list of connections': () => '',
  'a connection': connection,
  'the form to rename': (kind) => `${connection(kind)}/rename`,
  'the form to change': (kind) => `${connection(kind)}/change?organization=globex`,
  'the question whether to disconnect': (kind) => `${connection(kind)}/disconnect`,
  'the question whether to disconnect all': () => '/clients/disconnect?client=name%3AClaude%20Code',
  'the connections of an organization': () => '/organizations/acme',
  'what there is beside the password': () => '/security',
  'the page to set up an app': () => '/security/app',
  'the form for another password': () => '/password',
  'the question whether to sign out everywhere': () => '/sign-out/everywhere',
  'the question whether to sign out': () => '/sign-out',
};

async function show(path: string, { width = 1280 } = {}) {
  person.complaints.length = 0;
  const { page } = person;
  await page.setViewportSize({ width, height: 720 });
  await person.opens(server.origin + accountPath + path);
  await openDetails(page);
  return page;
}

describe.each(Object.entries(pages))('%s', (_name, path) => {
  it('is a complete document with one heading, without script and without complaint', async () => {
    const page = await show(path('ordinary'));
    expect(await page.title()).toMatch(/ · bkend$/);
    expect(await page.locator('main h1').count()).toBe(1);
    expect(await page.locator('script, style, [style], img, iframe, [src], link[href*="//"]').count()).toBe(0);
    expect(person.complaints).toEqual([]);
  });

  it('takes no click on what changes a connection or a session just after it was opened, like Authorize', async () => {
    const page = await show(path('ordinary'));
    const decides = /\/(change|disconnect|sign-out|everywhere)$/.test(page.url().split('?')[0] ?? '');
    const buttons = `[...document.querySelectorAll('main form[method=post] button')]`;
    const animations: string[] = await page.evaluate(`${buttons}.map((each) => getComputedStyle(each).animationName)`);
    expect(animations.some((names) => names.startsWith('shut'))).toBe(decides);
  });

  it('carries the anti-forgery value in each form', async () => {
    const page = await show(path('ordinary'));
    const forms = await page.locator('form').count();
    expect(await page.locator('form[method=post] > input[type=hidden][name=csrf]').count()).toBe(forms);
  });

  it.each(Object.keys(names).slice(1) as Name[])('gives a tool no power that calls itself: %s', async (kind) => {
    const page = await show(path('ordinary'));
    const expected = await page.evaluate(outline);
    await show(path(kind), { width: 320 });
    expect(await page.evaluate(outline)).toEqual(expected);
    expect(await page.evaluate(findLooseDirection)).toEqual([]);
    expect(await page.evaluate(fits)).toBe(true);
    expect(person.complaints).toEqual([]);
  });
});
