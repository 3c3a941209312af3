import { describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createMailer } from '../../src/mail/index.ts';
import { createMessages } from '../../src/messages/index.ts';
import { createLetters } from '../../src/passwords/index.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { eventually } from '../support/eventually.ts';
import { openMailbox } from '../support/mailbox.ts';
import { shared } from '../support/shared.ts';
import {
  account,
  errorOf,
  multiFactor,
  password,
  recoveryCodesOf,
  type Someone,
  startFactors,
} from './factor-fixtures.ts';

/** Whose account it is hears of what was changed of how they sign in; and calls what they have as they like. */
const mailbox = shared(openMailbox);
const here = shared(() => startFactors({}, { ...mailbox.env, TRUSTED_PROXIES: '127.0.0.1' }));

let people = 0;
async function joins(): Promise<Someone> {
  people += 1;
  const email = `person${people}@example.com`;
  const directory = here.server.server.directory as LocalDirectory;
  await directory.createAccount({ email, name: 'A Person', password });
  return here.someone(email);
}

const phone = {
  'User-Agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1',
  'X-Forwarded-For': '192.0.2.7',
};
const security = `${account}/security`;
const hrefs = ({ html }: LoadedPage, action: string) =>
  [...html.matchAll(new RegExp(`href="([^"]*/factors/[^"]*/${action})"`, 'g'))].map(([, href = '']) => href);
const mailsTo = (email: string) => mailbox.mails.filter(({ to }) => to.includes(email));
/** What the next mail to somebody says, after this. */
async function mailAfter(someone: Someone, action: () => Promise<unknown>) {
  const before = mailsTo(someone.email).length;
  await action();
  const { headers, text, link } = await mailbox.newest(someone.email, before + 1);
  return { subject: headers.get('subject'), text, link };
}

describe('a person is mailed, with browser and address and without a secret,', () => {
  it('when an app or a passkey is added or removed, and when there are new recovery codes', async () => {
    const someone = await joins();
    const told: Record<string, Awaited<ReturnType<typeof mailAfter>>> = {};
    told['an authenticator app was added'] = await mailAfter(someone, () => someone.addsApp());
    told['a passkey was added'] = await mailAfter(someone, async () =>
      someone.touches(await someone.browser.open(`${security}/new-passkey`), undefined, { name: 'Visit evil.example' }),
    );
    const [app = '', passkey = ''] = hrefs(await someone.browser.open(security), 'remove');
    told['there are new recovery codes'] = await mailAfter(someone, async () => {
      const page = await someone.browser.open(`${security}/recovery-codes`);
      someone.codes.push(...recoveryCodesOf(await someone.browser.submit(page, '/recovery-codes', {}, phone)));
    });
    for (const [kind, href] of [
      ['a passkey', passkey],
      ['an authenticator app', app],
    ] as const) {
      told[`${kind} was removed`] = await mailAfter(someone, async () =>
        someone.browser.submit(await someone.browser.open(href), '/remove', {}, phone),
      );
    }
    for (const [what, { subject, text, link }] of Object.entries(told)) {
      expect(subject).toBe(`bkend: ${what}`);
      expect(text).toContain(someone.email);
      expect(text).toMatch(/It was done from (Safari on iPhone, 192\.0\.2\.7|127\.0\.0\.1)\./);
      expect(text).toContain('If it was not you, somebody else can sign in as you. Change your password at once');
      expect(link).toBe(`${here.server.issuer}/oauth/account/security`);
      const secrets = [...someone.codes, someone.phone.secret, someone.key.id, 'evil.example'];
      const bare = text.replaceAll(/[\s-]/g, '');
      expect(secrets.filter((secret) => bare.includes(secret.replaceAll('-', '')))).toEqual([]);
    }
    expect(someone.codes).toHaveLength(20);
    expect(told['there are new recovery codes']?.text).toContain('Safari on iPhone, 192.0.2.7.');
    expect(mailsTo(someone.email)).toHaveLength(5);
  });

  it('when one is set up in a flow, and when the password was changed; in the language of the page', async () => {
    const someone = await joins();
    const flow = await someone.arrives({ acr_values: multiFactor });
    const setUp = await someone.types(flow.page);
    const added = await mailAfter(someone, () => someone.scans(setUp));
    expect(added.text).toContain('It was done from 127.0.0.1.');

    const changed = await mailAfter(someone, async () => {
      const page = await someone.browser.open(`${account}/password`);
      const next = 'an umbrella for seven otters';
      const fields = { current: password, password: next, repeated: next };
      await someone.browser.submit(page, '/password', fields, { ...phone, 'Accept-Language': 'ko' });
    });
    expect(changed.text).toContain('변경한 곳: Safari (iPhone), 192.0.2.7');
    expect(changed.text).toContain('본인이 변경하지 않았다면');
    expect(changed.link).toBe(`${here.server.issuer}/oauth/password/forgotten`);
  });

  it('of nothing that was not done: a wrong code, a removal that somebody else was faster with', async () => {
    const someone = await joins();
    await someone.signsIn();
    await someone.scans(await someone.browser.open(`${security}/app`), { code: '000000' });
    await mailAfter(someone, () => someone.addsApp());
    const [href = ''] = hrefs(await someone.browser.open(security), 'remove');
    const page = await someone.browser.open(href);
    const removed = await mailAfter(someone, () =>
      Promise.all(Array.from({ length: 5 }, () => someone.browser.submit(page, '/remove'))),
    );
    expect(removed.subject).toBe('bkend: an authenticator app was removed');
    // What would have been mailed besides is handed over before this one.
    await mailAfter(someone, () => someone.addsApp());
    expect(mailsTo(someone.email)).toHaveLength(3);
  });
});

it('a mail that nobody takes changes nothing: what was added is there, and the log says that the mail was not sent', async () => {
  const someone = await joins();
  mailbox.refusals.push(554);
  expect(recoveryCodesOf(await someone.addsApp())).toHaveLength(10);
  const { logLines } = here.server;
  await eventually(() => logLines.some(({ event, kind }) => event === 'mail.failed' && kind === 'app-added'));
  expect(hrefs(await someone.browser.open(security), 'remove')).toHaveLength(1);
});

it('every change has its own words in every language, whoever did it', async () => {
  const { changed } = createLetters({ issuer: 'https://auth.example.com/mcp', brand: { name: 'bkend' } });
  const messages = createMessages();
  const changes = [
    ...(['password', 'app-added', 'passkey-added', 'app-removed', 'passkey-removed'] as const),
    ...(['recovery-codes', 'factors-reset'] as const),
  ];
  const handedOver: string[] = [];
  const mailer = createMailer({ handOver: async ({ subject }) => void handedOver.push(subject) });
  for (const language of messages.languages) {
    for (const change of changes) {
      for (const from of ['operator', { userAgent: '', address: '2001:db8::1' }] as const) {
        const owner = { id: 'acc_ada', email: 'ada@example.com', name: 'Ada' };
        const mail = changed(messages.for(language), owner, change, from);
        expect(mail.text.includes('2001:db8::1')).toBe(from !== 'operator');
        await mailer.send(mail);
      }
    }
  }
  expect(new Set(handedOver).size).toBe(2 * changes.length);
});

describe('a person renames what they have', () => {
  it('in one visible line of forty letters, however often; the log tells that, and not the name', async () => {
    const someone = await joins();
    await someone.addsPasskey();
    const rename = async () => hrefs(await someone.browser.open(security), 'rename').at(-1) ?? '';
    const renames = async (label: string) =>
      someone.browser.submit(await someone.browser.open(await rename()), '/rename', { label });

    const done = await renames(' My\r\nlaptop\u2028<b> ');
    expect([done.url.pathname, done.html.includes('The new name is saved.')]).toEqual([security, true]);
    expect(done.html).toContain('<bdi>My laptop &lt;b&gt;</bdi>');
    const form = await someone.browser.open(await rename());
    expect(form.html).toMatch(/name="label" type="text" value="My laptop &lt;b&gt;" maxlength="40"/);
    expect((await renames(`${'🦊'.repeat(39)}é and more`)).html).toContain(`<bdi>${'🦊'.repeat(39)}é</bdi>`);
    const refusal = [422, 'Give it a name that you will recognize.'];
    for (const nothing of ['', '   ', '\u200B\u2029', '\u0301'])
      expect([(await renames(nothing)).status, errorOf(await renames(nothing))]).toEqual(refusal);
    expect((await someone.browser.open(security)).html).toContain(`<bdi>${'🦊'.repeat(39)}é</bdi>`);
    expect(here.told().filter(({ event }) => event === 'factor.renamed')).toMatchObject([
      { factor: 'passkey', address: '127.0.0.1' },
      { factor: 'passkey' },
    ]);
    expect(JSON.stringify(here.server.logLines)).not.toContain('laptop');

    const korean = await someone.browser.submit(form, '/rename', { label: '' }, { 'Accept-Language': 'ko' });
    expect(korean.html).toContain('알아볼 수 있는 이름을 입력하세요.');
  });

  it('not what is somebody else’s or gone, nor with the password alone, nor by a form of another site', async () => {
    const [someone, other] = [await joins(), await joins()];
    const early = here.someone(someone.email);
    await early.signsIn();
    await someone.addsApp();
    await other.addsApp();
    const [own = ''] = hrefs(await someone.browser.open(security), 'rename');
    const [theirs = ''] = hrefs(await other.browser.open(security), 'rename');
    const form = await someone.browser.open(own);
    const sends = (browser: Someone['browser'], path: string, headers = {}) =>
      browser.submit({ ...form, html: form.html.replaceAll(own, path) }, '/rename', { label: 'Stolen' }, headers);

    for (const path of [theirs, own.replace(/app_[^/]+/, 'app_gone')]) {
      expect((await someone.browser.open(path)).status).toBe(404);
      expect((await sends(someone.browser, path)).status).toBe(404);
    }
    expect((await sends(someone.browser, own, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await sends(other.browser, own)).status).toBe(403);
    // Signed in with the password alone, since before there was more.
    expect((await early.browser.open(own)).url.pathname).toBe(`${account}/sign-in`);
    expect((await early.browser.submit(await early.browser.open(`${account}/sign-out`), '/sign-out')).status).toBe(200);
    for (const { browser } of [someone, other]) expect((await browser.open(security)).html).not.toContain('Stolen');
  });
});
