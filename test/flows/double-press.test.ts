import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import {
  account,
  type FactorFixtures,
  headingOf,
  recoveryCodesOf,
  requestOf,
  startFactors,
} from '../factors/factor-fixtures.ts';
import { base, inviteTo, newPassword } from '../passwords/people.ts';
import { createPlainBrowser, type PlainBrowser, type Rest } from '../support/browser-without-a-screen.ts';
import { connect } from '../support/connect.ts';
import { type Mailbox, openMailbox } from '../support/mailbox.ts';

const password = 'demo-password';
const folder = mkdtempSync(join(tmpdir(), 'double-press-'));
let mailbox: Mailbox;
let here: FactorFixtures;
beforeAll(async () => {
  mailbox = await openMailbox();
  here = await startFactors({}, { ...mailbox.env, DATABASE: join(folder, 'auth.db') });
});
afterAll(async () => {
  await here?.[Symbol.asyncDispose]();
  await mailbox?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A form that is filled in, about to be sent. */
interface Filled {
  readonly browser: PlainBrowser;
  readonly page: Rest;
  readonly formAction: string;
  readonly fields?: Record<string, string | readonly string[]>;
}

let people = 0;
async function somebody(email?: string) {
  people += 1;
  const directory = here.server.server.directory as LocalDirectory;
  const acme = await directory.findOrganizationBySlug('acme');
  const memberships = [{ organizationId: acme?.id ?? '', role: 'owner' }];
  const account = { email: email ?? `person${people}@example.com`, name: 'A Person', password, memberships };
  return here.someone((await directory.createAccount(account)).email);
}
async function somebodySignedIn() {
  const someone = await somebody();
  await someone.signsIn();
  return someone;
}
/** In another browser than the one in which the factor was set up. */
async function somebodyWith(factor: 'addsApp' | 'addsPasskey') {
  const before = await somebody();
  await before[factor]();
  return { ...here.someone(before.email), key: before.key, codes: before.codes, code: before.code };
}
async function atAccount(path: string, formAction = path): Promise<Filled> {
  const { browser } = await somebodySignedIn();
  return { browser, page: await browser.open(account + path), formAction };
}
async function atConnection(path: string, fields = {}): Promise<Filled> {
  const { claims, person } = await connect(here.server);
  const page = await person.browser.open(`${account}/connections/${claims.grant_id}${path}`);
  return { browser: person.browser, page, formAction: path.split('?', 1)[0] ?? '', fields };
}
async function inFlow(formAction: string, fields = {}): Promise<Filled> {
  const { browser, types, arrives } = await somebody();
  return { browser, page: await types((await arrives()).page), formAction, fields };
}
async function atSecondStep(way: 'code' | 'recovery' | 'passkey', signsIn: 'in a flow' | 'for the account') {
  const someone = await somebodyWith(way === 'passkey' ? 'addsPasskey' : 'addsApp');
  const first = signsIn === 'in a flow' ? await someone.types((await someone.arrives()).page) : await someone.signsIn();
  const page = await someone.browser.open(`${first.url.pathname}?use=${way}`);
  const { browser, codes, email } = someone;
  const credential = () => someone.key.get(JSON.stringify(requestOf(page).options));
  const given = { passkey: () => ({ credential: credential() }), code: () => ({ code: someone.code() }) };
  const fields = way === 'recovery' ? { code: codes[0] ?? '' } : given[way]();
  return { email, browser, page, formAction: '/factor', fields };
}
async function passkeyAlone(path: string): Promise<Filled> {
  const someone = await somebodyWith('addsPasskey');
  const from = path === '' ? (await someone.arrives()).page.url.pathname : path;
  const page = await someone.browser.open(`${from}?use=passkey-alone`);
  const credential = someone.key.get(JSON.stringify(requestOf(page).options));
  return { browser: someone.browser, page, formAction: '/factor', fields: { credential } };
}
async function atNewApp(): Promise<Filled> {
  const someone = await somebodySignedIn();
  const page = await someone.browser.open(`${account}/security/app`);
  someone.phone.secret = (/class="secret"><bdi>([^<]*)</.exec(page.html)?.[1] ?? '').replaceAll(' ', '');
  return { browser: someone.browser, page, formAction: '/security/app', fields: { code: someone.code() } };
}
async function atNewPasskey(): Promise<Filled> {
  const { browser, key } = await somebodySignedIn();
  const page = await browser.open(`${account}/security/new-passkey`);
  const credential = key.create(JSON.stringify(requestOf(page).options));
  return { browser, page, formAction: '/new-passkey', fields: { credential } };
}
async function atFactor(path: string): Promise<Filled> {
  const someone = await somebody();
  await someone.addsApp();
  const list = await someone.browser.open(`${account}/security`);
  const [, href = ''] = new RegExp(`href="([^"]*${path})"`).exec(list.html) ?? [];
  return { browser: someone.browser, page: await someone.browser.open(href), formAction: path };
}
async function askingForLink() {
  const { browser, email } = await somebody();
  return {
    browser,
    email,
    page: await browser.open(`${base}/password/forgotten`),
    formAction: '/forgotten',
    fields: { email },
  };
}
const passwords = { password: newPassword, repeated: newPassword };
async function atLink(link: string, formAction: string, fields: Record<string, string>): Promise<Filled> {
  const browser = createPlainBrowser(here.server.origin);
  return { browser, page: await browser.open(link), formAction, fields: { ...passwords, ...fields } };
}
async function atMailedLink(): Promise<Filled> {
  const { browser, email, page, formAction, fields } = await askingForLink();
  await browser.submit(page, formAction, fields);
  return atLink((await mailbox.newest(email)).link, '/password/new', {});
}
async function atInvitation(): Promise<Filled> {
  const link = await inviteTo(here.server, { email: `invited${people++}@example.com`, clock: here.clock });
  return atLink(link, '/invitation/accept', { name: 'Linus' });
}

const consent = 'A tool wants to connect to bkend';
const overview = 'Your connections';
const forms: Record<string, { fill: () => Promise<Filled>; seen: string | undefined }> = {
  'Sign in, in a flow': {
    async fill() {
      const { browser, arrives, email } = await somebody();
      return { browser, page: (await arrives()).page, formAction: '/sign-in', fields: { email, password } };
    },
    seen: consent,
  },
  'Sign in, with another account': {
    async fill() {
      const { browser, page } = await inFlow('');
      const another = await browser.open(`${page.url.pathname}?account=another`);
      return { browser, page: another, formAction: '/sign-in', fields: { email: (await somebody()).email, password } };
    },
    seen: consent,
  },
  'Sign in, where a code is asked for': {
    async fill() {
      const { browser, arrives, email } = await somebodyWith('addsApp');
      return { browser, page: (await arrives()).page, formAction: '/sign-in', fields: { email, password } };
    },
    seen: 'Enter a code',
  },
  'Sign in, for the account': {
    async fill() {
      const { browser, email } = await somebody();
      return { browser, page: await browser.open(account), formAction: '/sign-in', fields: { email, password } };
    },
    seen: overview,
  },
  'a code, in a flow': { fill: () => atSecondStep('code', 'in a flow'), seen: consent },
  'a code, for the account': { fill: () => atSecondStep('code', 'for the account'), seen: overview },
  'a recovery code, in a flow': { fill: () => atSecondStep('recovery', 'in a flow'), seen: consent },
  'a recovery code, for the account': { fill: () => atSecondStep('recovery', 'for the account'), seen: overview },
  'a passkey, in a flow': { fill: () => atSecondStep('passkey', 'in a flow'), seen: consent },
  'a passkey, for the account': { fill: () => atSecondStep('passkey', 'for the account'), seen: overview },
  'a passkey alone, in a flow': { fill: () => passkeyAlone(''), seen: consent },
  'a passkey alone, for the account': { fill: () => passkeyAlone(`${account}/sign-in`), seen: overview },
  // The tool has the code, or learns that there is none.
  Authorize: { fill: () => inFlow('/consent'), seen: undefined },
  Decline: { fill: () => inFlow('/decline'), seen: undefined },
  'Save, of a name': { fill: () => atConnection('/rename', { label: 'Laptop' }), seen: 'Laptop' },
  'Save, of permissions': { fill: () => atConnection('/change', { scope: ['project:read'] }), seen: 'A tool' },
  'Save, of an organization': { fill: () => atConnection('/change?organization=globex'), seen: 'A tool' },
  Disconnect: { fill: () => atConnection('/disconnect'), seen: overview },
  'Disconnect all': {
    async fill() {
      people += 1;
      const { person } = await connect(here.server, { client: { client_name: `Tool ${people}` } });
      const path = `${account}/clients/disconnect?client=name%3ATool%20${people}`;
      return { browser: person.browser, page: await person.browser.open(path), formAction: '/disconnect' };
    },
    seen: overview,
  },
  'Disconnect, of a member': {
    async fill() {
      const { claims, person } = await connect(here.server);
      const path = `${account}/organizations/acme/connections/${claims.grant_id}/disconnect`;
      return { browser: person.browser, page: await person.browser.open(path), formAction: '/disconnect' };
    },
    seen: 'Connections of Acme Corp',
  },
  'Sign out': { fill: () => atAccount('/sign-out'), seen: 'You are signed out' },
  'Sign out everywhere': { fill: () => atAccount('/sign-out/everywhere'), seen: 'You are signed out' },
  'Sign out, where a tool leads to': {
    async fill() {
      const { browser } = await somebodySignedIn();
      return {
        browser,
        page: await browser.open(`${base}/sign-out`),
        formAction: '/confirm',
        fields: { logout: 'yes' },
      };
    },
    seen: 'You are signed out',
  },
  'an app that is set up': { fill: atNewApp, seen: 'Keep your recovery codes' },
  'a passkey that is added': { fill: atNewPasskey, seen: 'Keep your recovery codes' },
  'new recovery codes': { fill: () => atFactor('/security/recovery-codes'), seen: 'Keep your recovery codes' },
  'Remove, of a factor': { fill: () => atFactor('/remove'), seen: 'Sign-in and security' },
  'another password': {
    async fill() {
      const form = await atAccount('/password');
      return { ...form, fields: { current: password, ...passwords } };
    },
    seen: overview,
  },
  'a forgotten password': { fill: askingForLink, seen: 'Look into your mailbox' },
  'a password that is chosen by a link': { fill: atMailedLink, seen: 'Your password is saved' },
  'an invitation that is accepted': { fill: atInvitation, seen: 'You have an account' },
};

/** The first one is answered when the second one comes, or not yet; there is one way to wait for all of them. */
const waiting = ['Sign in, in a flow', 'a code, for the account', 'Authorize', 'Disconnect', 'new recovery codes'];
const leadingOn = ['Sign in, in a flow', 'a code, in a flow', 'Authorize', 'Decline', 'Save, of a name', 'Disconnect'];
const cases = [
  ...Object.keys(forms).map((name) => ({ name, when: 'one after the other' as const })),
  ...waiting.map((name) => ({ name, when: 'at once' as const })),
  ...leadingOn.flatMap((name) => [
    { name, when: 'on the way' as const },
    { name, when: 'at the end of the way' as const },
  ]),
];

it.each(cases)(
  'a form that is sent twice does what it does once, and says so, $when: $name (issue 10)',
  async ({ name, when }) => {
    const { fill, seen } = forms[name] as (typeof forms)[string];
    const { browser, page, formAction, fields } = await fill();
    const answer = await browser.submitTwice(page, formAction, fields, when);
    expect(answer).toMatchObject(seen === undefined ? { url: { pathname: '/callback' } } : { status: 200 });
    expect([seen && headingOf(answer), answer.html.includes('role="alert"')]).toEqual([seen, false]);
  },
);

describe('what a form that is sent twice uses up', () => {
  it('is one recovery code; and those that are shown are the ones that work', async () => {
    const recovering = await atSecondStep('recovery', 'for the account');
    const { browser } = recovering;
    await browser.submitTwice(recovering.page, recovering.formAction, recovering.fields);
    expect((await browser.open(`${account}/security`)).html).toContain('9 recovery codes are left.');

    const page = await browser.open(`${account}/security/recovery-codes`);
    const [code = ''] = recoveryCodesOf(await browser.submitTwice(page, '/recovery-codes'));
    await browser.submit(await browser.open(`${account}/sign-out`), '/sign-out');
    await browser.submit(await browser.open(account), '/sign-in', { email: recovering.email, password });
    const asked = await browser.open(`${account}/sign-in?use=recovery`);
    expect(headingOf(await browser.submit(asked, '/factor', { code }))).toBe(overview);
  });

  it('is one of the links that somebody may ask for within an hour', async () => {
    const { browser, page, formAction, fields } = await askingForLink();
    const answers = [];
    for (let time = 0; time < 4; time += 1) {
      const shown = time === 0 ? page : await browser.open(page.url.href);
      answers.push((await browser.submitTwice(shown, formAction, fields)).status);
    }
    expect(answers).toEqual([200, 200, 200, 429]);
  });
});

it('what looks like a form that was sent before is taken for what it is: a name that was there before, a code of before, a session that has ended', async () => {
  const rename = await atConnection('/rename');
  const { browser, page, formAction } = rename;
  for (const label of ['one', 'two', 'one'])
    await browser.submit(await browser.open(page.url.href), formAction, { label });
  expect(headingOf(await browser.open(page.url.pathname.replace('/rename', '')))).toBe('one');

  const first = await atSecondStep('code', 'for the account');
  await first.browser.submit(first.page, first.formAction, first.fields);
  const out = await first.browser.open(`${account}/sign-out`);
  await first.browser.submit(out, '/sign-out');
  const given = { email: first.email, password };
  const again = await first.browser.submit(await first.browser.open(account), '/sign-in', given);
  expect((await first.browser.submit(again, first.formAction, first.fields)).html).toContain('was used already');

  const codes = await atFactor('/security/recovery-codes');
  await codes.browser.submit(codes.page, codes.formAction);
  await codes.browser.submit(await codes.browser.open(`${account}/sign-out`), '/sign-out');
  expect(headingOf(await codes.browser.submit(codes.page, codes.formAction))).toBe('Sign in');
});
