import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { openStorageContext } from '../../src/composition/storage-context.ts';
import { createFactors } from '../../src/factors/index.ts';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { createTestClock, days } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { changedPolicy } from '../support/policy.ts';
import { shared } from '../support/shared.ts';
import { temporaryFolder } from '../support/spawned-server.ts';
import { base, heading, inviteTo, newPassword, oldPassword, startHome } from './people.ts';

const secret = 'a secret that only tests may know';
const { clock, pass } = createTestClock();
const folder = shared(temporaryFolder);
const database = () => ({ DATABASE: join(folder.path, 'auth.db') });
const home = shared(() => startHome({ env: database(), parts: { clock } }));

async function accounts(words: string, settings: Record<string, string> = {}, input = '') {
  const { issuer: ISSUER } = home.server;
  const env = { ...childEnvironment, ...database(), STORE_SECRET: secret, ISSUER, ...settings };
  const command = ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', ...words.split(' ')];
  const child = spawn(process.execPath, command, { env });
  child.stdin.end(input);
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return said + complained;
}

const invites = (email: string, organization = 'acme', role = 'member') =>
  inviteTo(home.server, { email, organization, role, clock });

describe('npm run accounts', () => {
  it('invites by mail, or prints the link; lists who has not answered, and withdraws', async () => {
    const invite = (email: string) => `invite ${email} --organization acme --role member`;
    expect(await accounts(invite('ada@example.com'), home.mailbox.env)).toBe(
      'ada@example.com is invited to acme as member; the mail is on its way\n',
    );
    const mail = await home.mailbox.newest('ada@example.com');
    expect(mail.headers.get('subject')).toBe('bkend: you are invited to Acme Corp');
    const { page, chooses } = await home.follows(mail.link);
    expect(heading(page)).toBe('You are invited to Acme Corp');
    expect(heading(await chooses({ name: 'Ada' }))).toBe('You have an account');

    const printed = await accounts(invite('Bob@example.com'));
    expect(printed).toMatch(
      /no mail server \(SMTP_URL\), so give them this link:\nhttp:\S+\/oauth\/invitation\?token=[\w-]{43}\n$/,
    );
    expect(await accounts('list')).toMatch(
      /^ada@example\.com {2}acme:member\n(.+\n)*bob@example\.com {2}acme:member {2}invited, until \d{4}-\d\d-\d\d\n$/,
    );
    expect(await accounts('withdraw BOB@example.com')).toBe('the invitation for BOB@example.com is withdrawn\n');
    const [, link = ''] = printed.split('\n');
    expect((await home.follows(link)).page.status).toBe(410);
    expect(await accounts('withdraw bob@example.com')).toBe('There is no invitation for bob@example.com.\n');
  }, 120_000);

  it('invites in the first of the languages', async () => {
    using policy = changedPolicy({ languages: ['ko', 'en'] as never });
    const invite = 'invite kim@example.com --organization acme --role member';
    expect(await accounts(invite, { ...home.mailbox.env, ...policy.env })).toMatch(/the mail is on its way/);
    const { text } = await home.mailbox.newest('kim@example.com');
    expect(text).toContain('링크는 7일 동안 한 번만 사용할 수 있습니다.');
  });

  it.each([
    ['invite eve@example.com --organization acme', /^--role is missing\.$/],
    ['invite eve@example.com --role member --organization', /^--organization is missing\.$/],
    ['invite eve@example.com --organization nowhere --role member', /^There is no organization nowhere\.$/],
    ['invite eve@example.com --organization acme --role king', /^There is no role king; there are .+\.$/],
    ['invite a,b@example.com --organization acme --role member', /^This is not an email address/],
    ['invite demo@example.com --organization acme --role member', /^There is an account demo@.+; member makes/],
    ['add eve@example.com Eve acme:member', /^This password is easy to guess, or on lists of stolen ones\.$/],
  ])('does not do what cannot be meant: %s', async (words, complaint) => {
    expect((await accounts(words, {}, 'password1')).trimEnd()).toMatch(complaint);
  });

  it('tells a person that the operator changed their password, or removed what they had beside it', async () => {
    const email = await home.joins();
    const said = await accounts(`password ${email}`, home.mailbox.env, newPassword);
    expect(said).toBe(`the password of ${email} is changed\n`);
    const changed = await home.mailbox.newest(email);
    expect(changed.headers.get('subject')).toBe('bkend: your password was changed');

    const config = { ...home.server.config, storeSecrets: [secret] as const };
    const storage = await openStorageContext(config, () => undefined, { clock });
    const { id = '' } = (await home.directory.findAccountByEmail(email)) ?? {};
    const key = { id: 'a-key', publicKey: 'public', counter: 0, transports: [] };
    const factors = createFactors({ ...storage, clock, issuer: home.server.issuer, brand: 'bkend' });
    await factors.addPasskey(id, key, { name: '', onlyFirst: true });
    await storage.store.close();
    expect(await accounts(`reset-factors ${email}`, home.mailbox.env)).toContain('1 removed');
    const removed = await home.mailbox.newest(email, 2);
    expect(removed.headers.get('subject')).toBe('bkend: your second factors were removed');
    expect(removed.link).toBe(`${home.server.issuer}/oauth/account/security`);
    for (const { text } of [changed, removed]) expect(text).toContain('It was done by whoever runs the server.');
  });
});

describe('an invitation', () => {
  it('makes an account of its organization and role, that can connect a tool', async () => {
    const { chooses } = await home.follows(await invites('grace@example.com', 'globex', 'viewer'));
    const done = await chooses({ name: '  Grace\r\n\u202EHopper\u0000 ' });
    expect(done.html).toContain(`href="${base}/account"`);

    const actions = { email: 'grace@example.com', password: newPassword };
    const { claims } = await connect(home.server, { actions });
    expect(claims).toMatchObject({ org_slug: 'globex', org_role: 'viewer' });
    const account = await home.directory.findAccountByEmail('grace@example.com');
    expect(account?.name).toBe('Grace Hopper');
    expect(home.eventsOf('invitation.accepted').at(-1)).toMatchObject({ account: account?.id });
  });

  it('is accepted by one of twenty at once', async () => {
    const link = await invites('many@example.com');
    const everybody = await Promise.all(Array.from({ length: 20 }, () => home.follows(link)));
    const answers = await Promise.all(everybody.map(({ chooses }, n) => chooses({ name: `Person ${n}` })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(19);
  });

  it('asks again for what is wrong, with what was written', async () => {
    const { page, chooses } = await home.follows(await invites('linus@example.com'));
    expect(page.html).toMatch(/name="username"[^>]+value="linus@example\.com"[^>]+readonly/);
    const nameless = await chooses({ name: ' \u200B\r\n' });
    expect([nameless.status, nameless.html]).toEqual([
      422,
      expect.stringContaining('name="name" type="text" value=""'),
    ]);
    const easy = await chooses({ name: 'Linus', password: 'linus1234', repeated: 'linus1234' });
    expect([easy.status, easy.html]).toEqual([422, expect.stringContaining('value="Linus"')]);
    expect((await chooses({ name: 'Linus' })).status).toBe(200);
  });

  it('says so where the email has an account by now, and changes nothing of it', async () => {
    const link = await invites('late@example.com');
    await home.joins('late@example.com');
    const answer = await (await home.follows(link)).chooses({ name: 'Eve' });
    expect([answer.status, heading(answer)]).toEqual([410, 'You have an account already']);
    expect(await home.directory.signIn('late@example.com', oldPassword)).toMatchObject({ name: 'A Person' });
  });

  it('works for seven days, and resets no password', async () => {
    const link = await invites('slow@example.com');
    const token = new URL(link).searchParams.get('token');
    const page = await createPlainBrowser(home.server.origin).open(`${base}/password/reset?token=${token}`);
    expect(heading(page)).toBe('This link cannot be used');
    pass(days(7) - 60);
    expect((await home.follows(link)).page.status).toBe(200);
    pass(61);
    expect((await home.follows(link)).page.status).toBe(410);
  });
});

describe('a browser that keeps no cookie', () => {
  const linkFor = async () => (await home.askForLink(await home.joins())).link;
  const invited = () => invites('cookieless@example.com');
  const toSignOut = async (browser: PlainBrowser) =>
    (await home.signsIn(await home.joins(), browser)).open(`${base}/sign-out`);
  const open = (path: string) => (browser: PlainBrowser) => browser.open(path);

  /** The forms as somebody else was shown them: whoever keeps no cookie sends the same without any. */
  it.each<[string, string, (browser: PlainBrowser) => Promise<LoadedPage>]>([
    ['who signs in for the account', '/sign-in', open(`${base}/account`)],
    ['who forgot their password', '/forgotten', open(`${base}/password/forgotten`)],
    ['who chooses a password', '/password/new', async (browser) => browser.open(await linkFor())],
    ['who accepts an invitation', '/invitation/accept', async (browser) => browser.open(await invited())],
    ['who signs out', '/confirm', toSignOut],
  ])('is told so, and not that a page is out of date: %s', async (_who, formAction, shown) => {
    const page = await shown(createPlainBrowser(home.server.origin));
    for (const [language, words] of [
      ['en', ['Your browser did not send a cookie', 'Allow cookies for this site']],
      ['ko', ['브라우저가 쿠키를 보내지 않았습니다', '쿠키를 허용하세요']],
    ] as const) {
      const without = createPlainBrowser(home.server.origin, { 'Accept-Language': language });
      const { status, html } = await without.submit(page, formAction, { logout: 'yes' });
      expect([status >= 400, ...words.map((each) => html.includes(each))]).toEqual([true, true, true]);
    }
    // One that has lost the cookie of this page alone is told what is true of that.
    const other = createPlainBrowser(home.server.origin);
    await other.open(`${base}/account?language=en`);
    expect((await other.submit(page, formAction)).html).not.toContain('did not send a cookie');
  });

  it.each([
    ['a password', linkFor],
    ['an invitation', invited],
  ])('is told so where it follows a link to %s, and not that the link is used up', async (_what, link) => {
    const url = await link();
    const { status, headers } = await fetch(url, { redirect: 'manual' });
    expect(status).toBe(303);
    const page = await fetch(new URL(headers.get('location') ?? '', url), { headers: { Accept: 'text/html' } });
    expect(await page.text()).toContain('Your browser did not send a cookie');
    expect((await createPlainBrowser(home.server.origin).open(url)).status).toBe(200);
  });
});
