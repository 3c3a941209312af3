import { describe, expect, it } from '@jest/globals';
import {
  createPlainBrowser,
  heading,
  type LoadedPage,
  type PlainBrowser,
} from '../support/browser-without-a-screen.ts';
import { days, minutes } from '../support/clock.ts';
import { findCookie } from '../support/cookies.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import {
  type AccountBrowser,
  account,
  hrefOf,
  password,
  people,
  startAccountFixtures,
  valueOn,
} from './account-fixtures.ts';

const home = shared(() => startAccountFixtures());

const sessionCookie = (browser: Pick<PlainBrowser, 'cookies'>) => findCookie(browser, 'session')?.value;
const credentials = { email: people.admin, password };
const opensFlow = async (who: AccountBrowser) =>
  who.opens((await registerClient(home.server.issuer)).authorizationRequest().url.href);
const signsInWithinFlow = async (who: AccountBrowser) =>
  who.browser.submit(await opensFlow(who), '/sign-in', credentials);
const everywhere = `${account}/sign-out/everywhere`;
const addressOf = ({ url }: LoadedPage) => url.pathname + url.search;

const overviewOf = async (who: AccountBrowser) => heading(await who.opens(account));
const open = 'Your connections';
/** A browser with the cookies that another one had. */
function withCookies(before: readonly (readonly [string, object])[], browser = createPlainBrowser(home.server.origin)) {
  for (const [name, cookie] of before) (browser.cookies as Map<string, object>).set(name, cookie);
  return home.comes('admin', browser);
}

describe('a session that begins in the account', () => {
  it('is the one of the flow: no second sign-in there', async () => {
    expect(heading(await opensFlow(await home.signedIn('admin')))).toMatch(/wants to connect/);
  });

  it('outlives the flow: the account is still open after an approval', async () => {
    const ada = await home.signedIn('admin');
    await ada.browser.submit(await opensFlow(ada), '/consent');
    expect(await overviewOf(ada)).toBe(open);
  });

  it('lives as long as one of the flow', async () => {
    const ada = await home.signedIn('admin');
    home.pass(days(14) - 1);
    expect(await overviewOf(ada)).toBe(open);
    home.pass(1);
    expect(await overviewOf(ada)).toBe('Sign in');
  });

  it('has a protected cookie', async () => {
    const page = await home.comes('admin').opens(`${account}/sign-in`);
    const cookie = page.headers.getSetCookie().map((line) => line.split(';')[0]);
    const headers = { Cookie: cookie.join('; ') };
    const body = new URLSearchParams({ csrf: valueOn(page), ...credentials });
    const answer = await fetch(page.url, { method: 'POST', redirect: 'manual', headers, body });
    const lines = answer.headers.getSetCookie().filter((line) => line.startsWith('mcp_auth_session'));
    expect(lines).toEqual(Array(2).fill(expect.stringMatching(/; path=\/; expires=.*; samesite=lax; httponly$/i)));
  });
});

it('behind a proxy that speaks https the cookies of the account are sent over https only', async () => {
  await using server = await startServer({ issuer: 'https://auth.example.com/mcp' });
  const { headers } = await fetch(`${server.origin}${account}/sign-in`);
  const form = /^__Host-.*; path=\/; samesite=lax; secure; httponly$/i;
  expect(headers.getSetCookie()).toEqual(Array(2).fill(expect.stringMatching(form)));
});

it('a session that begins in the flow is the one of the account', async () => {
  const ada = home.comes('admin');
  await signsInWithinFlow(ada);
  await ada.browser.submit(await opensFlow(ada), '/consent');
  expect(await overviewOf(ada)).toBe(open);
});

describe('signing in', () => {
  it('gives the browser another session cookie than the one it came with (session fixation)', async () => {
    const ada = await home.signedIn('admin');
    const planted = sessionCookie(ada.browser);
    const before = [...ada.browser.cookies];
    await ada.signsIn();
    expect(sessionCookie(ada.browser)).not.toBe(planted);
    expect(await overviewOf(withCookies(before))).toBe('Sign in');
  });

  it('leaves a flow in another tab of the same account as it is', async () => {
    const ada = await home.signedIn('admin');
    const consent = await opensFlow(ada);
    await ada.signsIn();
    expect((await ada.browser.submit(consent, '/consent')).url.searchParams.has('code')).toBe(true);
  });

  it('as somebody else ends the session and the flows of who was signed in', async () => {
    const ada = await home.signedIn('admin');
    const before = [...ada.browser.cookies];
    const consent = await opensFlow(ada);
    await home.comes('owner', ada.browser).signsIn();
    expect((await ada.opens(account)).html).toContain(people.owner);
    expect(heading(await ada.browser.submit(consent, '/consent'))).toBe('This sign-in has ended');
    expect(await overviewOf(withCookies(before))).toBe('Sign in');
  });

  const acmePage = `${account}/organizations/acme?page=2`;
  it.each([
    ['a page of the account', acmePage, acmePage],
    ['another site', 'https://evil.example/mcp/oauth/account', account],
    ['another site without a scheme', '//evil.example/mcp/oauth/account', account],
    ['another site behind backslashes', '/\\evil.example/mcp/oauth/account', account],
    ['a page of this server that is not of the account', '/mcp/oauth/authorize', account],
    ['a page that only begins like the account', '/mcp/oauth/accountant', account],
    ['a way out of the account', '/mcp/oauth/account/../authorize', account],
    ['itself', '/mcp/oauth/account/sign-in?to=x', account],
    ['a script', 'javascript:alert(1)', account],
  ])('leads back to %s: %s → %s', async (_name, to, expected) => {
    const ada = home.comes('admin');
    const page = await ada.opens(`${account}/sign-in?to=${encodeURIComponent(to)}`);
    const action = /action="([^"]*)"/.exec(page.html)?.[1]?.replaceAll('&#38;', '&').replaceAll('&amp;', '&') ?? '';
    expect(addressOf(await ada.browser.submit(page, action, credentials))).toBe(expected);
  });

  it('refuses a wrong password and an unknown email in the same words', async () => {
    const ada = home.comes('admin');
    const wrong = await ada.signsIn('not the password');
    const unknown = await ada.signsIn(password, 'who@example.com');
    expect([wrong.status, unknown.status]).toEqual([422, 422]);
    const words = ({ html }: LoadedPage) => html.replace(/name="csrf" value="[^"]*"/, '');
    expect(words(wrong).replaceAll(people.admin, '')).toBe(words(unknown).replaceAll('who@example.com', ''));
  });

  it('shares its limit with the flow', async () => {
    const vera = home.comes('viewer');
    for (let each = 0; each < 10; each += 1) await vera.signsIn('a guess');
    const refused = await vera.signsIn();
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '900']);
  });
});

it('a sign-in of more than 15 minutes ago still shows, but changes nothing before the password was given again; then one is back', async () => {
  const connection = await home.connects('member');
  const grace = await home.signedIn('member');
  home.pass(minutes(15));
  expect(heading(await grace.opens(hrefOf(connection, 'rename')))).toBe('Rename');
  home.pass(1);

  expect((await grace.opens(hrefOf(connection))).status).toBe(200);
  const asked = await grace.opens(hrefOf(connection, 'rename'));
  expect(heading(asked)).toBe('Sign in again');
  expect(asked.html).toContain(`value="${people.member}"`);
  const action = /action="([^"]*)"/.exec(asked.html)?.[1] ?? '';
  expect(heading(await grace.browser.submit(asked, action, { password }))).toBe('Rename');
});

describe('a form that is sent when the sign-in is too old', () => {
  const of = (action: string) => (id: string) => `connections/${id}/${action}`;
  /** The owner opens a form about a connection, and sends it a quarter of an hour later; then gives the password. */
  async function sendsLate(pathFor: (id: string) => string) {
    const [owner, connection] = [await home.signedIn('owner'), await home.connects('owner')];
    const path = `${account}/${pathFor(String(connection.claims.grant_id))}`;
    const page = await owner.opens(path);
    home.pass(minutes(15) + 1);
    const asked = await owner.browser.submit(page, path);
    const back = await owner.browser.submit(asked, asked.url.search, { email: people.owner, password });
    return { connection, path, asked, back };
  }

  it.each<[string, (id: string) => string, RegExp]>([
    ['to disconnect all of a client', () => 'clients/disconnect?client=name%3AA%20tool', /^Disconnect all of A/],
    ['to change', of('change?organization=globex'), /^Change A tool/],
    ['to rename', of('rename'), /^Rename$/],
    ['to disconnect', of('disconnect'), /^Disconnect A tool/],
    ['to end for the organization', (id) => `organizations/acme/${of('disconnect')(id)}`, /^Disc/],
    ['to sign out everywhere', () => 'sign-out/everywhere', /^Sign out everywhere\?$/],
  ])('%s is shown again, about the same, after the password', async (_deed, pathFor, expected) => {
    const { connection, path, asked, back } = await sendsLate(pathFor);

    expect(heading(asked)).toBe('Sign in again');
    expect([back.status, addressOf(back), heading(back)]).toEqual([200, path, expect.stringMatching(expected)]);
    expect(await home.kept(connection)).toBeDefined();
  });

  it('to change is shown for the organization that was being looked at', async () => {
    const { back } = await sendsLate(of('change?organization=globex'));
    expect(back.html).toContain('name="organization" value="globex"');
  });
});

it('signing out ends the session of this browser, for the flow too, and no other', async () => {
  const [here, there] = [await home.signedIn('admin'), await home.signedIn('admin')];
  const before = [...here.browser.cookies];
  expect(heading(await here.submits(`${account}/sign-out`))).toBe('You are signed out');
  expect(sessionCookie(here.browser)).toBeUndefined();

  withCookies(before, here.browser);
  expect(await overviewOf(here)).toBe('Sign in');
  expect(heading(await opensFlow(here))).toBe('Sign in');
  expect(await overviewOf(there)).toBe(open);
});

describe('signing out everywhere', () => {
  it('ends the sessions of all browsers, for the account and for the flow', async () => {
    const signedIn = () => home.signedIn('admin');
    const [here, there, elsewhere] = await Promise.all([signedIn(), signedIn(), signedIn()]);
    expect(heading(await here.submits(everywhere))).toBe('You are signed out');

    expect(await overviewOf(here)).toBe('Sign in');
    expect(await overviewOf(there)).toBe('Sign in');
    expect(heading(await opensFlow(elsewhere))).toBe('Sign in');
  });

  it('leaves everybody else signed in, and every tool connected', async () => {
    const [ada, grace] = [await home.signedIn('admin'), await home.signedIn('member')];
    const { client, refreshToken } = await home.connects('admin');
    await ada.submits(everywhere);

    expect(await overviewOf(grace)).toBe(open);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('does not stand in the way of signing in again, within the same second', async () => {
    const ada = await home.signedIn('admin');
    await ada.submits(everywhere);
    expect(heading(await ada.signsIn())).toBe('Your connections');
    const flow = home.comes('admin');
    const consent = await signsInWithinFlow(flow);
    expect(heading(consent)).toMatch(/wants to connect/);
    expect((await flow.browser.submit(consent, '/consent')).url.searchParams.has('code')).toBe(true);
    expect(await overviewOf(flow)).toBe(open);
  });

  it('can be repeated within the same second', async () => {
    const ada = await home.signedIn('admin');
    await ada.submits(everywhere);
    const again = await home.signedIn('admin');
    await ada.signsIn();
    await ada.submits(everywhere);
    expect(await overviewOf(again)).toBe('Sign in');
  });

  it('reaches somebody in the middle of a flow, who signed in within that flow', async () => {
    const flow = home.comes('admin');
    const consent = await signsInWithinFlow(flow);
    home.pass(60);
    await (await home.signedIn('admin')).submits(everywhere);
    home.pass(60);

    expect(heading(await flow.browser.submit(consent, '/consent'))).toBe('Sign in');
    expect(await overviewOf(flow)).toBe('Sign in');
  });

  it('is remembered as long as a session can be kept alive by opening flows', async () => {
    const there = await home.signedIn('admin');
    await (await home.signedIn('admin')).submits(everywhere);
    for (let week = 0; week < 10; week += 1) {
      home.pass(days(7));
      expect(heading(await opensFlow(there))).toBe('Sign in');
    }
    expect(await overviewOf(there)).toBe('Sign in');
  });
});
