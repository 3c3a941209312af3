import { describe, expect, it } from '@jest/globals';
import { createPlainBrowser, heading, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { days, minutes } from '../support/clock.ts';
import { findCookie } from '../support/cookies.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { hrefOf, password, people, startAccountFixtures } from './account-fixtures.ts';

const home = shared(startAccountFixtures);

const sessionCookie = (browser: Pick<PlainBrowser, 'cookies'>) => findCookie(browser, 'session')?.value;
const credentials = { email: people.admin, password };
const authorization = async () => (await registerClient(home.server.issuer)).authorizationRequest().url.href;

describe('a session that begins in the account', () => {
  it('is the one of the flow: no second sign-in there', async () => {
    const ada = await home.signedIn('admin');
    expect(heading(await ada.opens(await authorization()))).toMatch(/wants to connect/);
  });

  it('outlives the flow: the account is still open after an approval', async () => {
    const ada = await home.signedIn('admin');
    const consent = await ada.opens(await authorization());
    await ada.browser.submit(consent, '/consent');
    expect(heading(await ada.opens('/mcp/oauth/account'))).toBe('Your connections');
  });

  it('lives as long as one of the flow', async () => {
    const ada = await home.signedIn('admin');
    home.pass(days(14) - 1);
    expect(heading(await ada.opens('/mcp/oauth/account'))).toBe('Your connections');
    home.pass(1);
    expect(heading(await ada.opens('/mcp/oauth/account'))).toBe('Sign in');
  });

  it('has a protected cookie', async () => {
    const page = await home.comes('admin').opens('/mcp/oauth/account/sign-in');
    const csrf = /name="csrf" value="([^"]*)"/.exec(page.html)?.[1] ?? '';
    const cookie = page.headers.getSetCookie().map((line) => line.split(';')[0]);
    const answer = await fetch(`${home.server.origin}/mcp/oauth/account/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Cookie: cookie.join('; ') },
      body: new URLSearchParams({ csrf, email: people.admin, password }),
    });
    const lines = answer.headers.getSetCookie().filter((line) => line.startsWith('mcp_auth_session'));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/; path=\/; expires=.*; samesite=lax; httponly$/i);
  });
});

describe('behind a proxy that speaks https', () => {
  it('the cookies of the account are sent over https only', async () => {
    await using server = await startServer({ issuer: 'https://auth.example.com/mcp' });
    const { headers } = await fetch(`${server.origin}/mcp/oauth/account/sign-in`);
    expect(headers.getSetCookie()).toHaveLength(2);
    for (const line of headers.getSetCookie())
      expect(line).toMatch(/^__Host-.*; path=\/; samesite=lax; secure; httponly$/i);
  });
});

describe('a session that begins in the flow', () => {
  it('is the one of the account', async () => {
    const ada = home.comes('admin');
    const signIn = await ada.opens(await authorization());
    await ada.browser.submit(signIn, '/sign-in', { email: people.admin, password });
    const consent = await ada.opens(await authorization());
    await ada.browser.submit(consent, '/consent');
    expect(heading(await ada.opens('/mcp/oauth/account'))).toBe('Your connections');
  });
});

describe('signing in', () => {
  it('gives the browser another session cookie than the one it came with (session fixation)', async () => {
    const ada = await home.signedIn('admin');
    const planted = sessionCookie(ada.browser);
    const before = [...ada.browser.cookies];
    await ada.signsIn();
    expect(sessionCookie(ada.browser)).not.toBe(planted);

    const stale = createPlainBrowser(home.server.origin);
    for (const [name, cookie] of before) (stale.cookies as Map<string, typeof cookie>).set(name, cookie);
    expect(heading(await stale.open('/mcp/oauth/account'))).toBe('Sign in');
  });

  it('leaves a flow in another tab of the same account as it is', async () => {
    const ada = await home.signedIn('admin');
    const consent = await ada.opens(await authorization());
    await ada.signsIn();
    expect((await ada.browser.submit(consent, '/consent')).url.searchParams.has('code')).toBe(true);
  });

  it('as somebody else ends the session and the flows of who was signed in', async () => {
    const ada = await home.signedIn('admin');
    const before = [...ada.browser.cookies];
    const consent = await ada.opens(await authorization());
    await home.comes('owner', ada.browser).signsIn();
    expect((await ada.opens('/mcp/oauth/account')).html).toContain(people.owner);
    expect(heading(await ada.browser.submit(consent, '/consent'))).toBe('This sign-in has ended');

    const replayed = createPlainBrowser(home.server.origin);
    for (const [name, cookie] of before) (replayed.cookies as Map<string, typeof cookie>).set(name, cookie);
    expect(heading(await replayed.open('/mcp/oauth/account'))).toBe('Sign in');
  });

  const acmePage = '/mcp/oauth/account/organizations/acme?page=2';
  it.each([
    ['a page of the account', acmePage, acmePage],
    ['another site', 'https://evil.example/mcp/oauth/account', '/mcp/oauth/account'],
    ['another site without a scheme', '//evil.example/mcp/oauth/account', '/mcp/oauth/account'],
    ['another site behind backslashes', '/\\evil.example/mcp/oauth/account', '/mcp/oauth/account'],
    ['a page of this server that is not of the account', '/mcp/oauth/authorize', '/mcp/oauth/account'],
    ['a page that only begins like the account', '/mcp/oauth/accountant', '/mcp/oauth/account'],
    ['a way out of the account', '/mcp/oauth/account/../authorize', '/mcp/oauth/account'],
    ['itself', '/mcp/oauth/account/sign-in?to=x', '/mcp/oauth/account'],
    ['a script', 'javascript:alert(1)', '/mcp/oauth/account'],
  ])('leads back to %s: %s → %s', async (_name, to, expected) => {
    const ada = home.comes('admin');
    const page = await ada.opens(`/mcp/oauth/account/sign-in?to=${encodeURIComponent(to)}`);
    const action = /action="([^"]*)"/.exec(page.html)?.[1]?.replaceAll('&#38;', '&').replaceAll('&amp;', '&') ?? '';
    const rest = await ada.browser.submit(page, action, { email: people.admin, password });
    expect(rest.url.pathname + rest.url.search).toBe(expected);
  });

  it('refuses a wrong password and an unknown email in the same words', async () => {
    const ada = home.comes('admin');
    const wrong = await ada.signsIn('not the password');
    const page = await ada.opens('/mcp/oauth/account/sign-in');
    const unknown = await ada.browser.submit(page, '/sign-in?to=%2Fmcp%2Foauth%2Faccount', {
      email: 'who@example.com',
      password,
    });
    expect([wrong.status, unknown.status]).toEqual([422, 422]);
    const words = ({ html }: { html: string }) => html.replace(/name="csrf" value="[^"]*"/, '');
    expect(words(wrong).replaceAll(people.admin, '')).toBe(words(unknown).replaceAll('who@example.com', ''));
  });

  it('shares its limit with the flow', async () => {
    const vera = home.comes('viewer');
    for (let each = 0; each < 10; each += 1) await vera.signsIn('a guess');
    const refused = await vera.signsIn();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('Retry-After')).toBe('900');
  });
});

describe('a sign-in of more than 15 minutes ago', () => {
  it('still shows, but changes nothing before the password was given again; then one is back', async () => {
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
});

describe('a form that is sent when the sign-in is too old', () => {
  const of = (action: string) => (id: string) => `connections/${id}/${action}`;

  it.each([
    ['to disconnect all of a client', () => 'clients/disconnect?client=name%3AA%20tool', /^Disconnect all of A/],
    ['to change', of('change?organization=globex'), /^Change A tool/],
    ['to rename', of('rename'), /^Rename$/],
    ['to disconnect', of('disconnect'), /^Disconnect A tool/],
    ['to end for the organization', (id: string) => `organizations/acme/${of('disconnect')(id)}`, /^Disc/],
    ['to sign out everywhere', () => 'sign-out/everywhere', /^Sign out everywhere\?$/],
  ])('%s is shown again, about the same, after the password', async (_deed, pathFor, expected) => {
    const owner = await home.signedIn('owner');
    const connection = await home.connects('owner');
    const path = `/mcp/oauth/account/${pathFor(String(connection.claims.grant_id))}`;
    const page = await owner.opens(path);
    home.pass(minutes(15) + 1);

    const asked = await owner.browser.submit(page, path);
    expect(heading(asked)).toBe('Sign in again');
    const back = await owner.browser.submit(asked, asked.url.search, { email: people.owner, password });

    expect(back.status).toBe(200);
    expect(back.url.pathname + back.url.search).toBe(path);
    expect(heading(back)).toMatch(expected);
    expect(await home.kept(connection)).toBeDefined();
  });

  it('to change is shown for the organization that was being looked at', async () => {
    const owner = await home.signedIn('owner');
    const connection = await home.connects('owner');
    const page = await owner.opens(hrefOf(connection, 'change?organization=globex'));
    home.pass(minutes(15) + 1);
    const asked = await owner.browser.submit(page, '/change');
    const back = await owner.browser.submit(asked, asked.url.search, { email: people.owner, password });
    expect(back.html).toContain('name="organization" value="globex"');
  });
});

describe('signing out', () => {
  it('ends the session of this browser, for the flow too, and no other', async () => {
    const [here, there] = [await home.signedIn('admin'), await home.signedIn('admin')];
    const before = [...here.browser.cookies];
    expect(heading(await here.submits('/mcp/oauth/account/sign-out'))).toBe('You are signed out');
    expect(sessionCookie(here.browser)).toBeUndefined();

    for (const [name, cookie] of before) (here.browser.cookies as Map<string, typeof cookie>).set(name, cookie);
    expect(heading(await here.opens('/mcp/oauth/account'))).toBe('Sign in');
    expect(heading(await here.opens(await authorization()))).toBe('Sign in');
    expect(heading(await there.opens('/mcp/oauth/account'))).toBe('Your connections');
  });
});

describe('signing out everywhere', () => {
  it('ends the sessions of all browsers, for the account and for the flow', async () => {
    const [here, there, elsewhere] = await Promise.all([
      home.signedIn('admin'),
      home.signedIn('admin'),
      home.signedIn('admin'),
    ]);
    expect(heading(await here.submits('/mcp/oauth/account/sign-out/everywhere'))).toBe('You are signed out');

    expect(heading(await here.opens('/mcp/oauth/account'))).toBe('Sign in');
    expect(heading(await there.opens('/mcp/oauth/account'))).toBe('Sign in');
    expect(heading(await elsewhere.opens(await authorization()))).toBe('Sign in');
  });

  it('leaves everybody else signed in, and every tool connected', async () => {
    const [ada, grace] = [await home.signedIn('admin'), await home.signedIn('member')];
    const { client, refreshToken } = await home.connects('admin');
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');

    expect(heading(await grace.opens('/mcp/oauth/account'))).toBe('Your connections');
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('does not stand in the way of signing in again, within the same second', async () => {
    const ada = await home.signedIn('admin');
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');
    expect(heading(await ada.signsIn())).toBe('Your connections');
    const flow = home.comes('admin');
    const consent = await flow.browser.submit(await flow.opens(await authorization()), '/sign-in', credentials);
    expect(heading(consent)).toMatch(/wants to connect/);
    expect((await flow.browser.submit(consent, '/consent')).url.searchParams.has('code')).toBe(true);
    expect(heading(await flow.opens('/mcp/oauth/account'))).toBe('Your connections');
  });

  it('can be repeated within the same second', async () => {
    const ada = await home.signedIn('admin');
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');
    const again = await home.signedIn('admin');
    await ada.signsIn();
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');
    expect(heading(await again.opens('/mcp/oauth/account'))).toBe('Sign in');
  });

  it('reaches somebody in the middle of a flow, who signed in within that flow', async () => {
    const flow = home.comes('admin');
    const consent = await flow.browser.submit(await flow.opens(await authorization()), '/sign-in', credentials);
    home.pass(60);
    const ada = await home.signedIn('admin');
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');
    home.pass(60);

    const asked = await flow.browser.submit(consent, '/consent');
    expect(heading(asked)).toBe('Sign in');
    expect(heading(await flow.opens('/mcp/oauth/account'))).toBe('Sign in');
  });

  it('is remembered as long as a session can be kept alive by opening flows', async () => {
    const there = await home.signedIn('admin');
    const ada = await home.signedIn('admin');
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');
    for (let week = 0; week < 10; week += 1) {
      home.pass(days(7));
      expect(heading(await there.opens(await authorization()))).toBe('Sign in');
    }
    expect(heading(await there.opens('/mcp/oauth/account'))).toBe('Sign in');
  });
});
