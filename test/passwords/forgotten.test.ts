import { describe, expect, it } from '@jest/globals';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { connect } from '../support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { base, heading, newPassword, oldPassword, refusalOf, startHome } from './people.ts';

const home = shared(startHome);

describe('whoever forgot their password', () => {
  it('is mailed a link, chooses another one, and signs in with that and not with the old one', async () => {
    const email = await home.joins();
    const mailed = await home.forgets(email);
    expect([mailed.url.pathname, heading(mailed)]).toEqual([`${base}/password/mailed`, 'Check your inbox']);

    const mail = await home.mailbox.newest(email);
    expect(mail.headers.get('subject')).toBe('bkend: choose another password');
    expect(mail.link).toMatch(new RegExp(`^${home.server.issuer}/oauth/password/reset\\?token=[\\w-]{43}$`));
    const { page, chooses } = await home.follows(mail.link);
    const { pathname, search } = page.url;
    expect([pathname + search, heading(page)]).toEqual([`${base}/password/new`, 'Choose another password']);
    // Password managers keep it for the right account.
    expect(page.html).toMatch(new RegExp(`name="username"[^>]+value="${email}"[^>]+autocomplete="username"`));
    expect(page.html.match(/autocomplete="new-password"/g)).toHaveLength(2);
    expect(heading(await chooses())).toBe('Your password is saved');

    await expect(connect(home.server, { actions: { email, password: oldPassword } })).rejects.toThrow('422');
    await connect(home.server, { actions: { email, password: newPassword } });
    const changed = await home.mailbox.newest(email, 2);
    expect(changed.headers.get('subject')).toBe('bkend: your password was changed');
    expect(changed.link).toBe(`${home.server.issuer}/oauth/password/forgotten`);

    const account = (await home.directory.findAccountByEmail(email))?.id;
    for (const event of ['password.forgotten', 'password.reset'])
      expect(home.eventsOf(event).at(-1)).toMatchObject({
        account,
        address: '127.0.0.1',
        reference: expect.any(String),
      });
    // A mail is there before its server has said so to whoever handed it over.
    const sent = () => home.eventsOf('mail.sent').filter((event) => event.account === account);
    await eventually(() => sent().length === 2);
    expect(sent()).toMatchObject([{ kind: 'reset' }, { kind: 'changed' }]);
  });

  it('goes on with the flow that waits, in the browser in which it began', async () => {
    const email = await home.joins();
    const client = await registerClient(home.server.issuer);
    const { url, verifier } = client.authorizationRequest();
    const { browser, approves } = createPerson(home.server.origin);
    const signIn = await browser.open(url.href);
    const [, href = ''] = /href="([^"]*\/password\/forgotten\?flow=[\w-]+)"/.exec(signIn.html) ?? [];
    await home.forgets(email, browser, href);

    const { chooses } = await home.follows((await home.mailbox.newest(email)).link, browser);
    const done = await chooses();
    const [, onwards = ''] = /class="button primary" href="([^"]+)"/.exec(done.html) ?? [];
    expect(onwards).toBe(signIn.url.pathname);
    const callback = await approves(onwards, { email, password: newPassword });
    expect((await client.exchange(callback, verifier)).status).toBe(200);
  });

  it('is told where to go on, in another browser', async () => {
    const email = await home.joins();
    const { url } = (await registerClient(home.server.issuer)).authorizationRequest();
    const browser = createPlainBrowser(home.server.origin);
    const [, href = ''] = /href="([^"]*\?flow=[\w-]+)"/.exec((await browser.open(url.href)).html) ?? [];
    await home.forgets(email, browser, href);
    const done = await (await home.follows((await home.mailbox.newest(email)).link)).chooses();

    expect(done.html).toContain('go back to the browser in which you began');
    expect(done.html).toContain(`class="button primary" href="${base}/account"`);
  });

  it('is written to in the language of the page', async () => {
    const email = await home.joins();
    const browser = createPlainBrowser(home.server.origin);
    const page = await browser.open(`${base}/password/forgotten`);
    await browser.submit(page, '/forgotten', { email }, { 'Accept-Language': 'ko' });
    const { headers, text } = await home.mailbox.newest(email);
    expect(text).toContain('새 비밀번호를');
    expect(headers.get('subject')).toMatch(/^(=\?UTF-8\?|bkend)/i);
  });

  it.each([
    ['too short', { password: 'seven77', repeated: 'seven77' }, 'at least 8 characters'],
    ['too long', { password: 'x'.repeat(1025), repeated: 'x'.repeat(1025) }, 'longer than 1024'],
    ['written in two ways', { password: newPassword, repeated: oldPassword }, 'The two passwords differ'],
    ['easy to guess', { password: 'Password123!', repeated: 'Password123!' }, 'easy to guess'],
    ['made of their name', { password: 'A Person', repeated: 'A Person' }, 'easy to guess'],
  ])('is asked for another one that is not %s, with the same link', async (_name, fields, sentence) => {
    const email = await home.joins();
    const { chooses } = await home.follows((await home.askForLink(email)).link);
    const again = await chooses(fields);
    expect(refusalOf(again)).toEqual([422, expect.stringContaining(sentence)]);
    expect(again.html).not.toContain(fields.password);
    expect(heading(await chooses())).toBe('Your password is saved');
  });

  it('loses the tools that are connected, as the policy says', async () => {
    const email = await home.joins();
    const { client, refreshToken } = await connect(home.server, { actions: { email, password: oldPassword } });
    const { page, chooses } = await home.follows((await home.askForLink(email)).link);
    expect(page.html).toContain('your tools are disconnected');
    await chooses();
    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
  });
});

describe('where the policy keeps connections', () => {
  it.each([
    [{}, 200],
    [{ disconnect: 'yes' }, 400],
  ])('they stay unless somebody wants them to end: %j', async (fields, status) => {
    using policy = changedPolicy({ signIn: { passwordChangeEndsConnections: false } });
    await using kept = await startHome({ env: policy.env });
    const email = await kept.joins();
    const { client, refreshToken, person } = await connect(kept.server, { actions: { email, password: oldPassword } });
    const { chooses } = await kept.follows((await kept.askForLink(email)).link);
    await chooses(fields);
    expect((await client.refresh(refreshToken)).status).toBe(status);
    expect((await person.browser.open(`${base}/account`)).url.pathname).toBe(`${base}/account/sign-in`);
  });
});

describe('a forgotten password', () => {
  const pages = ['/password/forgotten', '/password/mailed'];
  const others = ['/password/reset', '/password/new', '/invitation', '/invitation/accept'];
  const client = { client_id: 'x', client_secret: 'y' };
  const providers = [{ id: 'company', issuer: 'https://login.example.com', client }];

  it.each([
    ['a console', { CONFIG_FILE: 'examples/console/auth.json' }, undefined],
    ['identity providers only', {}, { identityProviders: providers }],
  ])('is nobody’s where accounts are with %s: no page, and no link', async (_name, env, changes) => {
    await using server = await startServer({ env: { ...home.mailbox.env, ...env }, policy: changes ?? {} });
    const browser = createPlainBrowser(server.origin);
    for (const path of [...pages, ...others, '/account/password'])
      expect([path, (await browser.open(base + path)).status]).toEqual([path, 404]);
    for (const path of [...pages, '/password/new', '/invitation/accept'])
      expect((await fetch(server.origin + base + path, { method: 'POST' })).status).toBe(404);
  });

  it('is printed in development where no mail server is set, and is no page where others come', async () => {
    await using server = await startServer();
    const browser = createPlainBrowser(server.origin);
    const page = await browser.open(`${base}/password/forgotten`);
    await browser.submit(page, '/forgotten', { email: 'demo@example.com' });
    const find = () => server.logLines.find(({ event }) => event === 'mail.printed');
    await eventually(() => find() !== undefined);
    const printed = find();
    const [link = ''] = /http\S+token=\S+/.exec(String(printed?.msg)) ?? [];
    expect(heading(await browser.open(link))).toBe('Choose another password');

    await using shown = await startServer({ issuer: 'https://auth.example.com/mcp' });
    for (const path of pages) expect((await fetch(shown.origin + base + path)).status).toBe(404);
    const signIn = await (await fetch(`${shown.origin}${base}/account/sign-in`)).text();
    expect(signIn).not.toContain('/password/');
    expect((await fetch(`${shown.origin}${base}/invitation/accept`)).status).toBe(410);
  });
});
