import { describe, expect, it } from '@jest/globals';
import { startFactors } from '../factors/factor-fixtures.ts';
import type { LoadedPage, PlainBrowser } from '../support/browser-without-a-screen.ts';
import { connect } from '../support/connect.ts';
import { findCookie } from '../support/cookies.ts';
import { eventually } from '../support/eventually.ts';
import { shared } from '../support/shared.ts';
import { base, heading, newPassword, oldPassword, startHome } from './people.ts';

const path = `${base}/account/password`;
const home = shared(() => startHome({ policy: { signIn: { passwordChangeEndsConnections: false } } }));

async function changes(browser: PlainBrowser, fields: Record<string, string> = {}) {
  const given = { current: oldPassword, password: newPassword, repeated: newPassword, ...fields };
  return browser.submit(await browser.open(path), '/password', given);
}

describe('whoever knows their password', () => {
  it('changes it: other browsers are signed out, this one goes on in a new session, and a mail says so', async () => {
    const email = await home.joins();
    const [here, elsewhere] = [await home.signsIn(email), await home.signsIn(email)];
    const overview = await here.open(`${base}/account`);
    expect(overview.html).toContain(`href="${path}"`);
    const before = findCookie(here, 'session')?.value;
    const done = await changes(here);
    expect(done.url.pathname).toBe(`${base}/account`);
    expect(done.html).toContain('Your password is changed. You are signed out everywhere else.');

    expect(findCookie(here, 'session')?.value).not.toBe(before);
    expect(heading(await here.open(`${base}/account`))).toBe('Your connections');
    expect((await elsewhere.open(`${base}/account`)).url.pathname).toBe(`${base}/account/sign-in`);
    expect((await home.mailbox.newest(email)).headers.get('subject')).toBe('bkend: your password was changed');
    expect(home.eventsOf('password.changed')).toHaveLength(1);
  });

  it.each([
    ['stay', {}, 200],
    ['end, where that is wanted', { disconnect: 'yes' }, 400],
  ])('is told what becomes of their tools: they %s', async (_name, fields, status) => {
    const email = await home.joins();
    const { client, refreshToken, person } = await connect(home.server, { actions: { email, password: oldPassword } });
    expect((await person.browser.open(path)).html).toContain('Tools that you have connected stay connected.');
    expect((await changes(person.browser, fields)).status).toBe(200);
    expect((await client.refresh(refreshToken)).status).toBe(status);
  });

  it.each([
    ['the one of now is wrong', { current: 'not this one at all' }, 'Your current password is wrong.'],
    ['the new one is easy', { password: 'iloveyou2', repeated: 'iloveyou2' }, 'easy to guess'],
    ['the new one is written in two ways', { repeated: oldPassword }, 'The two passwords differ'],
  ])('keeps it where %s', async (_name, fields, sentence) => {
    const email = await home.joins();
    const again = await changes(await home.signsIn(email), fields);
    expect([again.status, again.html]).toEqual([422, expect.stringContaining(sentence)]);
    expect(again.html).not.toContain(newPassword);
    expect(await home.directory.signIn(email, oldPassword)).toBeDefined();
  });
});

describe('whoever finds a browser that is signed in', () => {
  it('guesses ten times at the password of now, and no more', async () => {
    const email = await home.joins();
    const browser = await home.signsIn(email);
    const statuses = [];
    for (let time = 0; time < 11; time += 1) statuses.push((await changes(browser, { current: 'wrong' })).status);
    expect(statuses).toEqual([...Array(10).fill(422), 429]);
    expect((await changes(browser)).status).toBe(429);
    expect(await home.directory.signIn(email, oldPassword)).toBeDefined();
  });
});

describe('two who change it at once', () => {
  it('are one who does, and one who is told', async () => {
    const email = await home.joins();
    const browsers = await Promise.all([home.signsIn(email), home.signsIn(email)]);
    const passwords = [newPassword, `${newPassword} and one goose`];
    const pages = await Promise.all(browsers.map((browser) => browser.open(path)));
    const sends = (password: string, n: number) =>
      browsers[n]?.submit(pages[n] as LoadedPage, '/password', { current: oldPassword, password, repeated: password });
    const answers = await Promise.all(passwords.map(sends));
    const works = await Promise.all(passwords.map(async (each) => Boolean(await home.directory.signIn(email, each))));
    expect(works.filter(Boolean)).toHaveLength(1);
    expect(answers.filter((page) => page?.html.includes('Your password is changed'))).toHaveLength(1);
  });
});

describe('whoever has a second factor', () => {
  it('shows it before the password is changed; the session keeps it, and a link takes it from nobody', async () => {
    await using here = await startFactors();
    const [before, someone] = [here.someone('solo@example.com'), here.someone('solo@example.com')];
    await before.signsIn();
    await someone.addsApp();
    // With the password alone, since before there was more.
    expect((await before.browser.open(path)).url.pathname).toBe(`${base}/account/sign-in`);
    const fields = { current: 'demo-password', password: newPassword, repeated: newPassword };
    const done = await someone.browser.submit(await someone.browser.open(path), '/password', fields);
    expect(done.html).toContain('Your password is changed.');
    const codes = `${base}/account/security/recovery-codes`;
    expect((await someone.browser.open(codes)).url.pathname).toBe(codes);

    const form = await before.browser.open(`${base}/password/forgotten`);
    await before.browser.submit(form, '/forgotten', { email: someone.email });
    const printed = () => here.server.logLines.find(({ event, kind }) => event === 'mail.printed' && kind === 'reset');
    await eventually(() => printed() !== undefined);
    const link = /http\S+token=\S+/.exec(String(printed()?.msg))?.[0] ?? '';
    const again = { password: oldPassword, repeated: oldPassword };
    await before.browser.submit(await before.browser.open(link), '/new', again);
    const { page } = await before.arrives();
    expect(heading(await before.types(page, oldPassword))).toBe('Enter a code');
  });
});
