import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { account, headingOf, password, recoveryCodesOf, requestOf, startFactors } from '../factors/factor-fixtures.ts';
import { base, inviteTo, newPassword } from '../passwords/people.ts';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { connect } from '../support/connect.ts';
import { openMailbox } from '../support/mailbox.ts';
import { createMember } from '../support/member.ts';
import { temporaryFolder } from '../support/process.ts';
import { shared } from '../support/shared.ts';

const mailbox = shared(openMailbox);
const folder = shared(temporaryFolder);
const here = shared(() => startFactors({}, { ...mailbox.env, DATABASE: join(folder.path, 'auth.db') }));

/** A form that is filled in, about to be sent. */
interface Filled {
  readonly browser: PlainBrowser;
  readonly page: LoadedPage;
  readonly formAction: string;
  readonly fields?: Record<string, string | readonly string[]>;
}
const at = async (browser: PlainBrowser, path: string, formAction: string, fields = {}): Promise<Filled> => ({
  ...{ browser, formAction, fields, page: await browser.open(path) },
});
const send = ({ browser, page, formAction, fields }: Filled) => browser.submit(page, formAction, fields);
const sendTwice = ({ browser, page, formAction, fields }: Filled, when?: Parameters<PlainBrowser['submitTwice']>[3]) =>
  browser.submitTwice(page, formAction, fields, when);

let people = 0;
const aName = (kind: string) => `${kind}${++people}`;
async function somebody() {
  const { credentials } = await createMember(here.server, aName('person'), { password });
  return here.someone(credentials.email);
}
type Someone = Awaited<ReturnType<typeof somebody>>;
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
const atSignIn = async ({ browser, arrives, email }: Someone): Promise<Filled> => ({
  ...{ browser, page: (await arrives()).page, formAction: '/sign-in', fields: { email, password } },
});
async function inFlow(formAction: string): Promise<Filled> {
  const { browser, types, arrives } = await somebody();
  return { browser, page: await types((await arrives()).page), formAction };
}
const atAccount = async (path: string, fields = {}) =>
  at((await somebodySignedIn()).browser, account + path, path, fields);
async function atConnection(path: string, fields = {}) {
  const { claims, person } = await connect(here.server);
  const [formAction = ''] = path.split('?', 1);
  return at(person.browser, `${account}/connections/${claims.grant_id}${path}`, formAction, fields);
}
const answerOf = ({ key }: Pick<Someone, 'key'>, page: LoadedPage, does: 'get' | 'create') => ({
  credential: key[does](JSON.stringify(requestOf(page).options)),
});
async function atSecondStep(way: 'code' | 'recovery' | 'passkey', signsIn: 'in a flow' | 'for the account') {
  const someone = await somebodyWith(way === 'passkey' ? 'addsPasskey' : 'addsApp');
  const first = signsIn === 'in a flow' ? await someone.types((await someone.arrives()).page) : await someone.signsIn();
  const form = await at(someone.browser, `${first.url.pathname}?use=${way}`, '/factor');
  const given = {
    passkey: () => answerOf(someone, form.page, 'get'),
    code: () => ({ code: someone.code() }),
    recovery: () => ({ code: someone.codes[0] ?? '' }),
  };
  return { ...form, email: someone.email, fields: given[way]() };
}
async function passkeyAlone(path?: string) {
  const someone = await somebodyWith('addsPasskey');
  const form = await at(
    someone.browser,
    `${path ?? (await someone.arrives()).page.url.pathname}?use=passkey-alone`,
    '/factor',
  );
  return { ...form, fields: answerOf(someone, form.page, 'get') };
}
async function atNewApp() {
  const someone = await somebodySignedIn();
  const form = await at(someone.browser, `${account}/security/app`, '/security/app');
  someone.phone.secret = (/class="secret"><bdi>([^<]*)</.exec(form.page.html)?.[1] ?? '').replaceAll(' ', '');
  return { ...form, fields: { code: someone.code() } };
}
async function atNewPasskey() {
  const someone = await somebodySignedIn();
  const form = await at(someone.browser, `${account}/security/new-passkey`, '/new-passkey');
  return { ...form, fields: answerOf(someone, form.page, 'create') };
}
async function atFactor(path: string) {
  const { browser, addsApp } = await somebody();
  await addsApp();
  const { html } = await browser.open(`${account}/security`);
  const [, href = ''] = new RegExp(`href="([^"]*${path})"`).exec(html) ?? [];
  return at(browser, href, path);
}
async function askingForLink() {
  const { browser, email } = await somebody();
  return { ...(await at(browser, `${base}/password/forgotten`, '/forgotten', { email })), email };
}
const passwords = { password: newPassword, repeated: newPassword };
const atLink = (link: string, formAction: string, fields = {}) =>
  at(createPlainBrowser(here.server.origin), link, formAction, { ...passwords, ...fields });
async function atMailedLink() {
  const asking = await askingForLink();
  await send(asking);
  return atLink((await mailbox.newest(asking.email)).link, '/password/new');
}
async function atInvitation() {
  const link = await inviteTo(here.server, { email: `${aName('invited')}@example.com`, clock: here.clock });
  return atLink(link, '/invitation/accept', { name: 'Linus' });
}
async function withAnotherAccount() {
  const { browser, page } = await inFlow('');
  const fields = { email: (await somebody()).email, password };
  return at(browser, `${page.url.pathname}?account=another`, '/sign-in', fields);
}
async function atAccountSignIn() {
  const { browser, email } = await somebody();
  return at(browser, account, '/sign-in', { email, password });
}
async function atDisconnectAll() {
  const name = aName('Tool ');
  const { person } = await connect(here.server, { client: { client_name: name } });
  return at(person.browser, `${account}/clients/disconnect?client=name%3A${encodeURIComponent(name)}`, '/disconnect');
}
async function atDisconnectOfMember() {
  const { claims, person } = await connect(here.server);
  const path = `${account}/organizations/acme/connections/${claims.grant_id}/disconnect`;
  return at(person.browser, path, '/disconnect');
}

const consent = 'A tool wants to connect to bkend';
const overview = 'Your connections';
const newCodes = 'Keep your recovery codes';
/** Each form, and the heading that is seen then; undefined: the tool has the code, or learns that there is none. */
const forms: Record<string, readonly [string | undefined, () => Promise<Filled>]> = {
  'Sign in, in a flow': [consent, async () => atSignIn(await somebody())],
  'Sign in, with another account': [consent, withAnotherAccount],
  'Sign in, where a code is asked for': ['Enter a code', async () => atSignIn(await somebodyWith('addsApp'))],
  'Sign in, for the account': [overview, atAccountSignIn],
  'a code, in a flow': [consent, () => atSecondStep('code', 'in a flow')],
  'a code, for the account': [overview, () => atSecondStep('code', 'for the account')],
  'a recovery code, in a flow': [consent, () => atSecondStep('recovery', 'in a flow')],
  'a recovery code, for the account': [overview, () => atSecondStep('recovery', 'for the account')],
  'a passkey, in a flow': [consent, () => atSecondStep('passkey', 'in a flow')],
  'a passkey, for the account': [overview, () => atSecondStep('passkey', 'for the account')],
  'a passkey alone, in a flow': [consent, () => passkeyAlone()],
  'a passkey alone, for the account': [overview, () => passkeyAlone(`${account}/sign-in`)],
  Authorize: [undefined, () => inFlow('/consent')],
  Decline: [undefined, () => inFlow('/decline')],
  'Save, of a name': ['Laptop', () => atConnection('/rename', { label: 'Laptop' })],
  'Save, of permissions': ['A tool', () => atConnection('/change', { scope: ['project:read'] })],
  'Save, of an organization': ['A tool', () => atConnection('/change?organization=globex')],
  Disconnect: [overview, () => atConnection('/disconnect')],
  'Disconnect all': [overview, atDisconnectAll],
  'Disconnect, of a member': ['Connections of Acme Corp', atDisconnectOfMember],
  'Sign out': ['You are signed out', () => atAccount('/sign-out')],
  'Sign out everywhere': ['You are signed out', () => atAccount('/sign-out/everywhere')],
  'Sign out, where a tool leads to': [
    'You are signed out',
    async () => at((await somebodySignedIn()).browser, `${base}/sign-out`, '/confirm', { logout: 'yes' }),
  ],
  'an app that is set up': [newCodes, atNewApp],
  'a passkey that is added': [newCodes, atNewPasskey],
  'new recovery codes': [newCodes, () => atFactor('/security/recovery-codes')],
  'Remove, of a factor': ['Sign-in and security', () => atFactor('/remove')],
  'another password': [overview, () => atAccount('/password', { current: password, ...passwords })],
  'a forgotten password': ['Check your inbox', askingForLink],
  'a password that is chosen by a link': ['Your password is saved', atMailedLink],
  'an invitation that is accepted': ['You have an account', atInvitation],
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
  'a form that is sent twice does what it does once, and says so, $when: $name',
  async ({ name, when }) => {
    const [seen, fill] = forms[name] as (typeof forms)[string];
    const answer = await sendTwice(await fill(), when);
    expect(answer).toMatchObject(seen === undefined ? { url: { pathname: '/callback' } } : { status: 200 });
    expect([seen && headingOf(answer), answer.html.includes('role="alert"')]).toEqual([seen, false]);
  },
);

async function signsOut({ browser }: Filled) {
  await browser.submit(await browser.open(`${account}/sign-out`), '/sign-out');
}
async function signsInAgain(form: Filled & { email: string }) {
  await signsOut(form);
  return form.browser.submit(await form.browser.open(account), '/sign-in', { email: form.email, password });
}

describe('what a form that is sent twice uses up', () => {
  it('is one recovery code; and those that are shown are the ones that work', async () => {
    const recovering = await atSecondStep('recovery', 'for the account');
    const { browser } = recovering;
    await sendTwice(recovering);
    expect((await browser.open(`${account}/security`)).html).toContain('9 recovery codes are left.');

    const page = await browser.open(`${account}/security/recovery-codes`);
    const [code = ''] = recoveryCodesOf(await browser.submitTwice(page, '/recovery-codes'));
    await signsInAgain(recovering);
    const asked = await browser.open(`${account}/sign-in?use=recovery`);
    expect(headingOf(await browser.submit(asked, '/factor', { code }))).toBe(overview);
  });

  it('is one of the links that somebody may ask for within an hour', async () => {
    const asking = await askingForLink();
    for (const status of [200, 200, 200, 429]) {
      const page = await asking.browser.open(asking.page.url.href);
      expect((await sendTwice({ ...asking, page })).status).toBe(status);
    }
  });
});

it('what looks like a form that was sent before is taken for what it is: a name that was there before, a code of before, a session that has ended', async () => {
  const { browser, page, formAction } = await atConnection('/rename');
  for (const label of ['one', 'two', 'one'])
    await browser.submit(await browser.open(page.url.href), formAction, { label });
  expect(headingOf(await browser.open(page.url.pathname.replace('/rename', '')))).toBe('one');

  const first = await atSecondStep('code', 'for the account');
  await send(first);
  const again = { ...first, page: await signsInAgain(first) };
  expect((await send(again)).html).toContain('was used already');

  const codes = await atFactor('/security/recovery-codes');
  await send(codes);
  await signsOut(codes);
  expect(headingOf(await send(codes))).toBe('Sign in');
});
