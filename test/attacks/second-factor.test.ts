import { beforeAll, describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { account, errorOf, headingOf, password, requestOf, startFactors } from '../factors/factor-fixtures.ts';
import { inAFlow, watchStore } from '../support/attacked.ts';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { csrfOf } from '../support/cookies.ts';
import { plantCookies } from '../support/planted.ts';
import { shared } from '../support/shared.ts';

/** Whoever has stolen a password, or a browser for a moment, against an account with a second factor (of no chapter). */
const store = shared(watchStore);
const here = shared(() => {
  const env = { ...store.env, TRUSTED_PROXIES: '127.0.0.1' };
  return startFactors({ failuresPerAccount: 4, secondFactorFor: ['acme'] }, env);
});
const victim = shared(() => here.someone());
beforeAll(async () => {
  await victim.addsApp();
});

/** Who knows the victim's password, and nothing else. */
const thief = () => here.someone(victim.email);

/** Sends a form of their own making, with the cookies and the anti-forgery value that they have. */
function forces(browser: PlainBrowser, page: LoadedPage, action: string, fields: Record<string, string>, headers = {}) {
  const html = `<form action="${action}"><input name="csrf" value="${csrfOf(page)}"></form>`;
  return browser.submit({ ...page, html }, action.split('?')[0] ?? '', fields, headers);
}

/** Sends a second factor of their own making for the step at which this page is. */
const shows = (browser: PlainBrowser, page: LoadedPage, fields: Record<string, string>, headers = {}) =>
  forces(browser, page, `${page.url.pathname}/factor`, { use: 'code', ...fields }, headers);

/** Has typed the victim's password, in a flow of their own. */
async function halfSignedIn() {
  const one = thief();
  return { ...one, asked: await one.types((await one.arrives()).page) };
}

const approval = { organization: 'acme', scope: 'project:read' };
const isInside = async (browser: PlainBrowser) => (await browser.open(account)).html.includes('/sign-out"');

describe('a stolen password', () => {
  it('is no sign-in: neither the flow nor the account goes on', async () => {
    const { browser, asked } = await halfSignedIn();
    expect(headingOf(asked)).toBe('Enter a code');
    expect(await isInside(browser)).toBe(false);
    const approves = () => forces(browser, asked, `${asked.url.pathname}/consent`, approval);
    const consent = await store.changesNothing(approves, inAFlow);
    expect(consent.url.origin).toBe(here.server.origin);
    expect(consent.html.includes('/sign-in"') || consent.status >= 400 || headingOf(consent) === 'Enter a code').toBe(
      true,
    );
    expect((await browser.open(`${asked.url.pathname}?organization=acme`)).html).not.toContain('/consent"');
  });

  it('adds no factor of the thief’s beside the one that there is', async () => {
    const { browser, asked } = await halfSignedIn();
    for (const use of ['app', 'new-passkey', 'second']) {
      expect(headingOf(await browser.open(`${asked.url.pathname}?use=${use}`))).toBe('Enter a code');
      const made = { use, code: '123456', ticket: 'x', credential: '{}' };
      const sent = await store.changesNothing(() => shows(browser, asked, made), inAFlow);
      expect(headingOf(sent)).toBe('Enter a code');
    }
  });

  it('adds none with a page to set one up that was opened before there was one', async () => {
    const [early, owner] = [here.someone('new@example.com'), here.someone('new@example.com')];
    const flow = await early.arrives({ acr_values: 'http://schemas.openid.net/pape/policies/2007/06/multi-factor' });
    const setUp = await early.types(flow.page);
    expect(headingOf(setUp)).toBe('Set up an authenticator app');
    await owner.addsApp();
    const late = await early.scans(setUp);
    expect(headingOf(late)).toBe('Enter a code');
    expect(await isInside(early.browser)).toBe(false);
  });

  it('from before takes no factor away: a session of the password alone signs in again', async () => {
    const [early, owner] = [here.someone('solo@example.com'), here.someone('solo@example.com')];
    await early.signsIn();
    expect(await isInside(early.browser)).toBe(true);
    await owner.addsApp();
    const list = await early.browser.open(`${account}/security`);
    const [, remove = ''] = /href="([^"]*\/remove)"/.exec(list.html) ?? [];
    const page = await early.browser.open(`${account}/sign-out`);
    const others = ['recovery-codes', 'app', 'new-passkey'].map((name) => `${account}/security/${name}`);
    for (const path of [remove, ...others]) {
      expect((await early.browser.open(path)).url.pathname).toBe(`${account}/sign-in`);
      const sent = await store.changesNothing(() => forces(early.browser, page, path, {}), inAFlow);
      expect(sent.url.pathname).toBe(`${account}/sign-in`);
    }
    expect((await owner.browser.open(`${account}/security`)).html).toContain('/remove"');
  });

  it('with guesses comes to an end, and locks nobody out who has signed in from elsewhere', async () => {
    const from = (address: string) => ({ 'X-Forwarded-For': address });
    const signsIn = async () => {
      const own = createPlainBrowser(here.server.origin);
      const [signIn, credentials] = [`${account}/sign-in`, { email: victim.email, password }];
      const typed = await forces(own, await own.open(signIn), signIn, credentials, from('192.0.2.1'));
      await forces(own, typed, `${signIn}/factor`, { use: 'code', code: victim.code() }, from('192.0.2.1'));
      return isInside(own);
    };
    expect(await signsIn()).toBe(true);
    here.pass(30);

    const { browser, asked } = await halfSignedIn();
    const tries = (code: string, use: string) => shows(browser, asked, { use, code }, from('198.51.100.7'));
    const guess = (_: unknown, n: number) => tries(String(100_000 + n), n % 2 ? 'code' : 'recovery');
    const statuses = (await Promise.all(Array.from({ length: 12 }, guess))).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(4).fill(422), ...Array(8).fill(429)]);
    // Not even the right one, from there.
    const right = await tries(victim.code(), 'code');
    expect([right.status, errorOf(right)]).toEqual([429, expect.stringContaining('Too many tries')]);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);

    expect(await signsIn()).toBe(true);
    here.pass(30 * 60);
  });
});

describe('what somebody is half signed in with', () => {
  it('is in their browser only: whoever has planted the flow there does not come in with it', async () => {
    const [attacker, one] = [thief(), victim];
    const planted = await attacker.arrives();
    const browser = plantCookies(attacker.browser, createPlainBrowser(here.server.origin));
    const typed = await browser.submit(planted.page, '/sign-in', { email: one.email, password });
    expect(headingOf(typed)).toBe('Enter a code');

    const seen = await attacker.browser.open(planted.page.url.href);
    expect(seen.html).toContain('/sign-in"');
    const sent = await shows(attacker.browser, planted.page, { code: one.code() });
    expect(sent.html).toContain('/sign-in"');
    expect(await isInside(attacker.browser)).toBe(false);
  });

  it('counts in no other flow, and not for the account’s pages', async () => {
    const { browser, arrives, types } = thief();
    const first = await arrives();
    await types(first.page);
    const second = await arrives();
    const cookies = browser.cookies as Map<string, { value: string; path: string }>;
    const [key = '', half] = [...cookies].find(([name]) => name.includes('second_step')) ?? [];
    expect(half?.path).toBe(first.page.url.pathname);
    const name = key.split(' ')[0];
    for (const path of [second.page.url.pathname, `${account}/sign-in`]) {
      // With its signature, which is a cookie beside it.
      for (const suffix of ['', '.sig']) {
        const kept = cookies.get(`${name}${suffix} ${half?.path}`);
        if (kept) cookies.set(`${name}${suffix} ${path}`, { ...kept, path });
      }
    }
    const inFlow = await shows(browser, second.page, { code: victim.code() });
    expect(inFlow.html).toContain('/sign-in"');
    const inAccount = await shows(browser, await browser.open(`${account}/sign-in`), { code: victim.code() });
    expect(inAccount.html).toContain('name="password"');
    expect(await isInside(browser)).toBe(false);
  });

  it('ends when the password is changed meanwhile, and with the account', async () => {
    const directory = here.server.server.directory as LocalDirectory;
    const { id = '' } = (await directory.findAccountByEmail(victim.email)) ?? {};
    for (const happens of [() => directory.changePassword(id, password), () => directory.disableAccount(id)]) {
      const { browser, asked } = await halfSignedIn();
      await happens();
      expect((await shows(browser, asked, { code: victim.code() })).html).toContain('/sign-in"');
    }
    await directory.enableAccount(id);
  });
});

describe('a code that was seen', () => {
  it('signs nobody else in: it was used', async () => {
    const [owner, spy] = [await halfSignedIn(), await halfSignedIn()];
    const seen = victim.code();
    await shows(owner.browser, owner.asked, { code: seen });
    expect(await isInside(owner.browser)).toBe(true);
    const replays = () => shows(spy.browser, spy.asked, { code: seen });
    const replayed = await store.changesNothing(replays, inAFlow);
    expect([replayed.status, errorOf(replayed)]).toEqual([422, expect.stringContaining('was used already')]);
    here.pass(60);
  });
});

describe('an answer of a passkey', () => {
  it('counts in the flow that asked for it, for its own account', async () => {
    const owner = here.someone('ada@example.com');
    const directory = here.server.server.directory as LocalDirectory;
    await directory.createAccount({ email: owner.email, name: 'Ada', password });
    await owner.addsPasskey();

    const [first, second] = [here.someone(owner.email), here.someone(owner.email)];
    const [a, b] = [await first.arrives(), await second.arrives()];
    const asked = await first.browser.open(`${a.page.url.pathname}?use=passkey-alone`);
    const credential = owner.key.get(JSON.stringify(requestOf(asked).options));
    const [, ticket = ''] = /name="ticket" value="([^"]*)"/.exec(asked.html) ?? [];
    const fields = { use: 'passkey-alone', credential, ticket };
    const elsewhere = await store.changesNothing(() => shows(second.browser, b.page, fields), inAFlow);
    expect([elsewhere.status, await isInside(second.browser)]).toEqual([422, false]);
    await shows(first.browser, asked, fields);
    expect(await isInside(first.browser)).toBe(true);

    // Beside the password of somebody else.
    const other = await halfSignedIn();
    const stolen = await shows(other.browser, other.asked, { ...fields, use: 'passkey' });
    expect(headingOf(stolen)).toBe('Enter a code');
    expect(await isInside(other.browser)).toBe(false);
  });

  it('counts once: whoever sees it sent comes in with it nowhere', async () => {
    const owner = here.someone('grace@example.com');
    const directory = here.server.server.directory as LocalDirectory;
    await directory.createAccount({ email: owner.email, name: 'Grace', password });
    await owner.addsPasskey();

    const [browser, spy] = [thief().browser, thief().browser];
    const open = (at: PlainBrowser) => at.open(`${account}/sign-in?use=passkey-alone`);
    const [asked, seen] = [await open(browser), await open(spy)];
    const credential = owner.key.get(JSON.stringify(requestOf(asked).options));
    const [, ticket = ''] = /name="ticket" value="([^"]*)"/.exec(asked.html) ?? [];
    await browser.submit(asked, '/factor', { credential });
    expect(await isInside(browser)).toBe(true);
    const replayed = await spy.submit(seen, '/factor', { credential, ticket });
    expect([replayed.status, await isInside(spy)]).toEqual([422, false]);
  });

  it('from a page of another origin is refused, and the page that asks sends a script by its hash only', async () => {
    const owner = here.someone('ada@example.com');
    const { page } = await owner.arrives();
    const asked = await owner.browser.open(`${page.url.pathname}?use=passkey-alone`);
    expect(asked.headers.get('content-security-policy')).toMatch(
      /^default-src 'none';.*; script-src 'sha256-[A-Za-z0-9+/]{43}='$/,
    );
    expect(asked.html.match(/<script/g)).toHaveLength(1);
    expect(asked.html).not.toMatch(/\son[a-z]+=|javascript:|<style|\sstyle=/i);
    expect(page.headers.get('content-security-policy')).not.toContain('script-src');
    const phished = await owner.touches(asked, { origin: 'https://evil.example' });
    expect([phished.status, await isInside(owner.browser)]).toEqual([422, false]);
  });
});

describe('an organization that requires a second factor', () => {
  it('gets no connection from a session of the password alone, whatever form is sent', async () => {
    await using other = await startFactors({ secondFactorFor: ['acme'] });
    const one = other.someone();
    const { page } = await one.arrives();
    const signedIn = await one.types(page);
    const sent = await forces(one.browser, signedIn, `${signedIn.url.pathname}/consent`, approval);
    expect([sent.url.origin, sent.html.includes('?use=second')]).toEqual([other.server.origin, true]);
  });
});
