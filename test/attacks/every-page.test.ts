import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { createPasswordHasher } from '../../src/directory/index.ts';
import { createCookies } from '../../src/http/cookies.ts';
import { type ScriptedProvider, startScriptedProvider } from '../identity-providers/scripted-provider.ts';
import { type Home, inviteTo, newPassword, oldPassword as password, startHome } from '../passwords/people.ts';
import { createPlainBrowser, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { createTestClock } from '../support/clock.ts';
import { changedPolicy } from '../support/policy.ts';
import { registerClient } from '../support/relying-party.ts';
import { expectSafe, isPage, type SeenAnswers, seeAnswers } from '../support/seen-answers.ts';

/**
 * Every way to an HTML answer of this server, behind a proxy that speaks https: none runs script, none may be framed, kept
 * or sent elsewhere, and what went wrong has a reference that is in the log. Whatever is asked for on the way is looked at,
 * too. A page that no way leads to fails the test.
 * Of no chapter: what RFC 9700 §4.2, §4.16 and §4.17 want of a page, on every one.
 */
const publicOrigin = 'https://auth.example.com';
const passwords = createPasswordHasher({ memoryKiB: 8, passes: 1, parallelism: 1 });
const { clock, pass } = createTestClock();
const folder = mkdtempSync(join(tmpdir(), 'every-page-'));
let path = '';
let home: Home;
let seen: SeenAnswers;
let elsewhere: ScriptedProvider;
const atTool = 'https://tool.example/cb';

async function begin(issuerPath: string) {
  path = issuerPath;
  elsewhere = await startScriptedProvider('x');
  const client = { client_id: 'x', client_secret: 'y' };
  const place = { ...{ id: 'company', issuer: elsewhere.issuer, client }, requiredFor: ['placed'] };
  const away = { ...{ id: 'away', issuer: 'http://localhost:9', client }, domains: ['away.example'] };
  const signIn = { passwords: true, secondFactorFor: ['guarded'] };
  using policy = changedPolicy({ identityProviders: [place, away], signIn });
  const env = { ...policy.env, DATABASE: join(folder, `${path.slice(1)}.db`), TRUSTED_PROXIES: '127.0.0.1' };
  home = await startHome({ env, issuer: publicOrigin + path, parts: { clock, passwords } });
  for (const slug of ['acme', 'globex', 'placed', 'guarded'])
    await home.directory.createOrganization({ slug, name: slug });
  seen = seeAnswers(home.server.origin, publicOrigin);
}

const comes = () => createPlainBrowser(publicOrigin);
const open = (below: string) => comes().open(publicOrigin + path + below);

/** Somebody new, of these organizations. */
async function joins(...slugs: string[]): Promise<string> {
  const email = await home.joins();
  const { id } = (await home.directory.findAccountByEmail(email)) ?? { id: '' };
  for (const slug of slugs) {
    const organization = await home.directory.findOrganizationBySlug(slug);
    await home.directory.setMembership(id, organization?.id ?? '', 'owner');
  }
  return email;
}

async function arrives(request: Record<string, string> = {}, redirectUri?: string, browser = comes()) {
  const metadata = redirectUri === undefined ? {} : { redirect_uris: [redirectUri] };
  const client = await registerClient(publicOrigin + path, metadata);
  const { url, verifier } = client.authorizationRequest(request);
  return { browser, client, verifier, url, page: await browser.open(url.href) };
}

/** To the page after the sign-in. */
async function enters(...slugs: string[]) {
  const [arrived, email] = [await arrives(), await joins(...slugs)];
  const page = await arrived.browser.submit(arrived.page, '/sign-in', { email, password });
  return { ...arrived, email, page };
}

const account = (below: string) => `${publicOrigin}${path}/oauth/account${below}`;

async function isConnected() {
  const { browser, client, verifier, page, email, url } = await enters();
  const gone = await browser.submit(page, '/consent');
  await client.exchange(gone.url, verifier);
  return { browser, email, url };
}
const atAccount = async (below: string) => (await isConnected()).browser.open(account(below));

async function signsIn(below: string) {
  const [browser, email] = [comes(), await joins()];
  const page = await browser.submit(await browser.open(account(below)), '/sign-in', { email, password });
  return { browser, email, page };
}

async function setsUpApp() {
  const { browser, email, page } = await signsIn('/security/app');
  const secret = (/class="secret"><bdi>([^<]*)</.exec(page.html)?.[1] ?? '').replaceAll(' ', '');
  const code = () => new TOTP({ secret }).generate({ timestamp: clock.now() });
  await browser.submit(page, '/security/app', { code: '000000' });
  await browser.submit(page, '/security/app', { code: code(), name: 'Laptop' });
  const list = await browser.open(account('/security'));
  for (const formAction of ['remove', 'rename'])
    await browser.open(new RegExp(`href="([^"]*/${formAction})"`).exec(list.html)?.[1] ?? '');
  await browser.open(account('/security/recovery-codes'));
  pass(60);
  const other = comes();
  const asked = await other.submit(await other.open(account('')), '/sign-in', { email, password });
  await other.submit(asked, '/factor', { code: '000000' });
  await other.open(account('/sign-in?use=recovery'));
}

async function forgets(browser: PlainBrowser = comes()) {
  const email = await joins();
  const form = await browser.open(`${publicOrigin}${path}/oauth/password/forgotten`);
  await browser.submit(form, '/forgotten', { email: 'nobody' });
  await browser.submit(form, '/forgotten', { email });
  const { link } = await home.mailbox.newest(email);
  const page = await browser.open(link);
  const chooses = (chosen: string) => browser.submit(page, page.url.pathname, { password: chosen, repeated: chosen });
  await chooses('short');
  await chooses(newPassword);
  await browser.open(link);
  for (let times = 0; times < 3; times += 1) await browser.submit(form, '/forgotten', { email });
}

async function isInvited(browser: PlainBrowser = comes()) {
  const email = `invited${path.length}@example.com`;
  const page = await browser.open(await inviteTo(home.server, { email, clock }));
  const fields = { password: newPassword, repeated: newPassword };
  await browser.submit(page, page.url.pathname, { ...fields, name: ' ' });
  await browser.submit(page, page.url.pathname, { ...fields, name: 'Linus' });
  await browser.open(page.url.href);
}

const ways: Record<string, () => Promise<unknown>> = {
  'what is at the addresses that are shown to people': async () => {
    for (const below of ['', '/nothing', '/oauth/token', '/oauth/password/mailed']) await open(below);
    await comes().open(`${publicOrigin}/`);
  },
  'a wrong password, a form of another window': async () => {
    const { browser, page } = await arrives();
    await browser.submit(page, '/sign-in', { email: await joins(), password: 'wrong' });
    await browser.submit(page, '/sign-in', { csrf: 'wrong' });
    await browser.submit(page, '/sign-in', {}, { 'Sec-Fetch-Site': 'cross-site' });
  },
  'a choice of organizations, consent for one and for one that is not theirs': async () => {
    const { browser, page } = await enters('globex');
    for (const organization of ['acme', 'nobodys']) await browser.open(`${page.url.href}?organization=${organization}`);
    await browser.open(`${page.url.href}?account=another`);
  },
  'no organization': async () => {
    const { browser, page } = await arrives();
    const email = 'alone@example.com';
    if (!(await home.directory.findAccountByEmail(email)))
      await home.directory.createAccount({ email, name: 'A Person', password });
    await browser.submit(page, '/sign-in', { email, password });
  },
  'Authorize, without a permission and with, and the same address afterwards': async () => {
    const { browser, page, client, verifier, url } = await enters();
    await browser.submit(page, '/consent', { scope: [] });
    await client.exchange((await browser.submit(page, '/consent')).url, verifier);
    await browser.open(page.url.href);
    await browser.open(url.href);
  },
  Decline: async () => {
    const { browser, page } = await arrives();
    await browser.submit(page, '/decline');
  },
  'a place elsewhere that has to be, that an email leads to, or that is away': async () => {
    const { browser, page } = await enters('placed');
    await browser.open(`${page.url.href}?organization=placed`);
    const other = await arrives();
    await other.browser.submit(other.page, '/sign-in', { email: 'ada@away.example' });
    for (const place of ['company', 'away']) {
      await other.browser.open(`${other.page.url.href}?with=${place}`);
      await other.browser.open(account(`/sign-in?with=${place}`));
    }
  },
  'a second factor that has to be': async () => {
    const { browser, page } = await enters('guarded');
    await browser.open(`${page.url.href}?organization=guarded`);
    await browser.open(`${page.url.href}?use=second`);
  },
  'what is not there': async () => {
    for (const below of ['/interaction/nothing', '/authorize/nothing', '/authorize', '/authorize?client_id=nobody'])
      await open(`/oauth${below}`);
    await open('/oauth/authorize?client_id=https%3A%2F%2Ftool.invalid%2Fclient.json');
    for (const below of ['/connections/nothing', '/security/factors/nothing/remove', '/organizations/nothing'])
      await atAccount(below);
  },
  'answers that a tool of a stranger would get': async () => {
    await arrives({ redirect_uri: 'https://elsewhere.example/' }, atTool);
    await arrives({ prompt: 'none' }, atTool);
    for (const to of [atTool, 'cursor://a/b']) await arrives({ response_mode: 'form_post' }, to);
    await arrives({ response_mode: 'form_post', prompt: 'none' }, atTool);
  },
  'signing out': async () => {
    const { browser } = await isConnected();
    await browser.submit(await browser.open(`${publicOrigin}${path}/oauth/sign-out`), '/confirm');
    for (const below of ['', '?id_token_hint=x', '/success']) await open(`/oauth/sign-out${below}`);
  },
  'the account': async () => {
    const { browser } = await isConnected();
    const overview = await browser.open(account(''));
    const [, one = ''] = /href="([^"]*\/connections\/[\w-]+)"/.exec(overview.html) ?? [];
    for (const formAction of ['', '/rename', '/change', '/disconnect']) await browser.open(one + formAction);
    const rename = await browser.open(`${one}/rename`);
    for (const label of ['', 'Laptop']) await browser.submit(rename, '/rename', { label });
    for (const below of ['/organizations/acme', '/sign-out/everywhere', '/sign-in', '/sign-out'])
      await browser.open(account(below));
    await browser.submit(await browser.open(account('/sign-out')), '/sign-out');
  },
  'another password': async () => {
    const { browser, page } = await signsIn('/password');
    await browser.submit(page, '/password', { current: 'wrong', password: newPassword, repeated: newPassword });
    await browser.submit(page, '/password', { current: password, password: newPassword, repeated: newPassword });
    pass(16 * 60);
    await browser.open(account('/sign-out/everywhere'));
  },
  'a passkey': () => signsIn('/security/new-passkey'),
  'an app that shows codes, and signing in with it': setsUpApp,
  'a forgotten password': forgets,
  'an invitation': isInvited,
  'another language': () => open('/oauth/account/sign-in?language=ko'),
  'too many requests': async () => {
    const from = { 'X-Forwarded-For': '203.0.113.9', Accept: 'text/html' };
    for (let times = 0; times < 11; times += 1)
      await fetch(`${publicOrigin}${path}/oauth/authorize?client_id=nobody`, { headers: from });
  },
};

const nameOf = (cookie: string) => /^(?:__\w+-)?mcp_auth_([a-z_]+)_/.exec(cookie)?.[1];
const cookieForm = (issuerPath: string) =>
  new RegExp(
    `^(__Host-[^;]*; path=/|__Secure-[^;]*; path=${issuerPath}/oauth/[^;]*)(?=.*; secure)(?=.*; httponly)(?=.*; samesite=lax)(?!.*domain=)(;|$)`,
    'i',
  );

describe.each(['/mcp', ''])('of an issuer at https://auth.example.com%s', (issuerPath) => {
  beforeAll(() => begin(issuerPath));
  afterAll(async () => {
    seen[Symbol.dispose]();
    await home[Symbol.asyncDispose]();
    await elsewhere.close();
    if (issuerPath === '') rmSync(folder, { recursive: true, force: true });
  });
  const cookies: string[] = [];

  it.each(Object.entries(ways))(
    '%s: pages of ours, without script, that are in no frame and no cache',
    async (_, go) => {
      seen.answers.length = 0;
      await go();
      const pages = seen.answers.filter(isPage);
      expect(pages.length).toBeGreaterThan(0);
      for (const page of pages) expectSafe(page, home.server.logLines);
      for (const answer of seen.answers) cookies.push(...answer.cookies);
      // What only redirects has no page of its own (but one line of oidc-provider's, without markup).
      for (const { headers, text } of seen.answers) if (headers.has('location')) expect(text).not.toContain('<');
    },
  );

  it('the address of an authorization loses its fragment on the way: no link chooses where the focus is (issue 9.4)', async () => {
    const { url } = (await registerClient(publicOrigin + path)).authorizationRequest();
    const response = await fetch(url, { redirect: 'manual', headers: { Accept: 'text/html' } });
    // RFC 9110 §10.2.2: a Location without a fragment inherits the one of the request.
    expect(response.headers.get('location')).toMatch(/^(\/mcp)?\/oauth\/interaction\/[\w-]+#$/);
  });

  it('every page that there is was one of these', () => {
    expect(seen.unseenViews()).toEqual([]);
  });

  it('every cookie is sent over https only, and planted by no sibling host where that can be (issue 9.1)', () => {
    const names = new Set(cookies.map(nameOf));
    // That of an installation is of tools with a document only: installation-mark.test.ts.
    const { installation: _, ...all } = createCookies(publicOrigin).names;
    expect(names).toEqual(new Set(Object.values(all).map((name) => nameOf(`${name}_`))));
    for (const cookie of cookies) expect(cookie).toMatch(cookieForm(issuerPath));
  });
});
