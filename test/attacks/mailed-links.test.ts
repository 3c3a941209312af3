import { describe, expect, it } from '@jest/globals';
import { openStore, type Store } from '../../src/storage/index.ts';
import { base, heading, newPassword, oldPassword, startHome } from '../passwords/people.ts';
import { watchStore } from '../support/attacked.ts';
import { createPlainBrowser, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { createTestClock } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { csrfOf, findCookie } from '../support/cookies.ts';
import { eventually } from '../support/eventually.ts';
import { metricsOf } from '../support/listening.ts';
import { isOwnLook } from '../support/own-looks.ts';
import { shared } from '../support/shared.ts';

/** What strangers do with links that are mailed, and with the page that asks for one (of no chapter: OWASP Forgot Password Cheat Sheet). */
const { clock, pass } = createTestClock();
let calls: string[] = [];
let held: Promise<void> | undefined; // What is looked up of accounts waits for it.
const looked = shared(watchStore);
const store = shared(() => openStore({ kind: 'sqlite', file: String(looked.env.DATABASE) }, () => undefined, clock));
const home = shared(() =>
  startHome({ env: { TRUSTED_PROXIES: '127.0.0.1' }, parts: { clock, store: watched(store) } }),
);

function watched(observed: Store): Store {
  return new Proxy(observed, {
    get(target, name) {
      const method = Reflect.get(target, name).bind(target);
      return async (...given: unknown[]) => {
        if (!isOwnLook(name, given)) calls.push(String(name));
        if (name === 'readMany' && String(given[0]).includes('account-email')) await held;
        return method(...given);
      };
    },
  });
}

const origin = () => home.server.origin;
const told = (event: string) => home.server.logLines.filter((line) => line.event === event).length;
const mailedTo = () => home.mailbox.mails.flatMap(({ to }) => to);
const form = `${base}/password/forgotten`;

/** From an address of their own. */
async function asksFrom(address: string, email: string, browser = createPlainBrowser(origin())) {
  return browser.submit(await browser.open(form), '/forgotten', { email }, { 'X-Forwarded-For': address });
}

describe('enumeration', () => {
  it('learns nothing from the answer, nor from what is asked of the store', async () => {
    const known = await home.joins();
    const disabled = await home.joins();
    await home.directory.disableAccount((await home.directory.findAccountByEmail(disabled))?.id ?? '');
    const seen = [];
    for (const email of [known, disabled, 'nobody@example.com']) {
      const browser = createPlainBrowser(origin());
      const page = await browser.open(form);
      const before = told('password.forgotten');
      calls = [];
      const answer = await browser.submit(page, '/forgotten', { email });
      await eventually(() => told('password.forgotten') > before);
      const headers = [...answer.headers].filter(([name]) => !['date', 'x-reference'].includes(name));
      seen.push({ html: answer.html, status: answer.status, path: answer.url.pathname, headers, calls });
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    await home.mailbox.newest(known);
    expect(mailedTo()).not.toContain(disabled);
  });

  it('learns nothing from the time: it is answered before anybody looks', async () => {
    const email = await home.joins();
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    held = promise;
    const answer = await home.forgets(email);
    expect(answer.url.pathname).toBe(`${base}/password/mailed`);
    expect(mailedTo()).not.toContain(email);
    held = undefined;
    letGo();
    await home.mailbox.newest(email);
  });
});

describe('host header poisoning', () => {
  it('changes no link: they are of the issuer', async () => {
    const email = await home.joins();
    const browser = createPlainBrowser(origin());
    const host = { 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' };
    const evil = { ...host, 'X-Original-Url': 'https://evil.example/' };
    await browser.submit(await browser.open(form), '/forgotten', { email }, evil);
    const { text, link } = await home.mailbox.newest(email);
    expect(link.startsWith(`${home.server.issuer}/oauth/password/reset?token=`)).toBe(true);
    expect(text).not.toContain('evil');
  });
});

describe('a link', () => {
  it('is used by one of twenty who choose at once', async () => {
    const email = await home.joins();
    const { link } = await home.askForLink(email);
    const everybody = await Promise.all(Array.from({ length: 20 }, () => home.follows(link)));
    const choices = everybody.map(async ({ chooses }, index) => {
      const password = `${newPassword} ${index}`;
      return { password, status: (await chooses({ password, repeated: password })).status };
    });
    const answers = await Promise.all(choices);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(410)]);
    for (const { password, status } of answers.slice(0, 5))
      expect((await home.directory.signIn(email, password)) !== undefined).toBe(status === 200);
  });

  it('is used by one of two who were sent one each, and by nobody once the password was changed', async () => {
    const email = await home.joins();
    const opensOne = async () => home.follows((await home.askForLink(email)).link);
    const both = [await opensOne(), await opensOne()];
    const answers = await Promise.all(both.map(({ chooses }) => chooses()));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410]);

    const { link } = await home.askForLink(email);
    await home.directory.changePassword((await home.directory.findAccountByEmail(email))?.id ?? '', oldPassword);
    const late = await home.follows(link);
    expect([late.page.status, heading(late.page)]).toEqual([410, 'This link cannot be used']);
  });

  it('is not used up by a scanner that follows it', async () => {
    const email = await home.joins();
    const { link } = await home.askForLink(email);
    for (const method of ['GET', 'HEAD', 'GET']) await looked.changesNothing(() => fetch(link, { method }));
    await home.follows(link);
    expect(heading(await (await home.follows(link)).chooses())).toBe('Your password is saved');
  });

  it('of another purpose opens nothing', async () => {
    const { link } = await home.askForLink(await home.joins());
    const token = new URL(link).searchParams.get('token');
    const page = await createPlainBrowser(origin()).open(`${base}/invitation?token=${token}`);
    expect([page.status, heading(page)]).toEqual([410, 'This invitation cannot be used']);
  });

  it('works for an hour', async () => {
    const email = await home.joins();
    const { link } = await home.askForLink(email);
    const begun = await home.follows(link);
    pass(3600 - 30);
    expect((await home.follows(link)).page.status).toBe(200);
    pass(31);
    expect((await home.follows(link)).page.status).toBe(410);
    expect((await begun.chooses()).status).toBe(410);
    expect(await home.directory.signIn(email, oldPassword)).toBeDefined();
  });

  it('has its token in no address to which it leads', async () => {
    const { link } = await home.askForLink(await home.joins());
    const response = await fetch(link, { redirect: 'manual' });
    const leads = { location: `${base}/password/new`, 'referrer-policy': 'no-referrer' };
    expect([response.status, Object.fromEntries(response.headers)]).toMatchObject([303, leads]);
    expect(response.headers.getSetCookie().join()).toMatch(
      /mcp_auth_link_\w+=[^;]+;.*path=\/mcp\/oauth\/password;.*samesite=lax; httponly/i,
    );
    const { page } = await home.follows(link);
    expect(page.html).not.toContain(new URL(link).searchParams.get('token'));
  });
});

describe('header injection', () => {
  it.each(['ada@example.com\r\nBcc: eve@evil.example', 'ada@example.com,eve@evil.example', 'Ada <eve@evil.example>'])(
    'of %j is no address, whoever has an account',
    async (email) => {
      const answer = await home.forgets(email);
      expect([answer.status, heading(answer)]).toEqual([422, 'Forgot your password?']);
      expect(mailedTo()).not.toContain('eve@evil.example');
    },
  );
});

describe('mail bombing', () => {
  it('ends after three mails an hour, from wherever it comes; an address that nobody has is told the same', async () => {
    for (const email of [await home.joins(), 'nobody.else@example.com']) {
      const statuses = [];
      for (let time = 0; time < 5; time += 1) statuses.push((await asksFrom(`198.51.${time}.1`, email)).status);
      expect(statuses).toEqual([200, 200, 200, 429, 429]);
      const refused = await asksFrom('203.0.113.9', ` ${email.toUpperCase()} `);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('ends after ten addresses from one place, and thirty from a network, 120 from a /48, without locking anybody', async () => {
    const bomb = async (address: (n: number) => string, times: number) => {
      const host = `${address(0).replaceAll(/\W+/g, '-')}.example`;
      const statuses = [];
      for (let n = 0; n < times; n += 1) statuses.push((await asksFrom(address(n), `some${n}@${host}`)).status);
      return statuses.filter((status) => status === 200).length;
    };
    expect(await bomb(() => '192.0.2.7', 12)).toBe(10);
    expect(await bomb((n) => `198.18.7.${n}`, 32)).toBe(30);
    expect(await bomb((n) => `2001:db8:9:${n.toString(16)}00::1`, 122)).toBe(120);
    const email = await home.joins();
    for (let time = 0; time < 4; time += 1) expect((await asksFrom('192.0.2.7', email)).status).toBe(429);
    await home.askForLink(email);
  });
});

describe('session fixation', () => {
  it('gets nobody in by a link: whoever chose a password signs in with it, in a session that is new', async () => {
    const email = await home.joins();
    const { link } = await home.askForLink(email);
    const planted = createPlainBrowser(origin());
    const { chooses, browser } = await home.follows(link, planted);
    await chooses();
    expect(findCookie(browser, 'session')).toBeUndefined();
    const page = await browser.open(`${base}/account`);
    expect(page.url.pathname).toBe(`${base}/account/sign-in`);
    await browser.submit(page, '/sign-in', { email, password: newPassword });
    const first = findCookie(browser, 'session')?.value;
    expect(first).toBeDefined();

    const { link: another } = await home.askForLink(email);
    const again = 'nine lamps above the harbour';
    await (await home.follows(another, browser)).chooses({ password: again, repeated: again });
    const asked = await browser.open(`${base}/account`);
    await browser.submit(asked, '/sign-in', { email, password: again });
    expect(findCookie(browser, 'session')?.value).not.toBe(first);
  });
});

describe('forgery', () => {
  const send = (browser: PlainBrowser, path: string, fields: Record<string, string>, headers = {}) => {
    const html = `<form action="${path}"></form>`;
    return browser.submit({ url: new URL(origin()), status: 200, headers: new Headers(), html }, path, fields, headers);
  };

  it.each(['/password/forgotten', '/password/new', '/invitation/accept'])('of %s is refused', async (path) => {
    const email = await home.joins();
    const { browser } = await home.follows((await home.askForLink(email)).link);
    const strange = csrfOf(await createPlainBrowser(origin()).open(form));
    const fields = { email, password: newPassword, repeated: newPassword, name: 'Eve' };
    const own = csrfOf(await browser.open(form));
    const forged = [{ csrf: '' }, { csrf: strange }, { csrf: own, headers: { 'Sec-Fetch-Site': 'cross-site' } }];
    for (const { csrf, headers } of forged) {
      const sent = await looked.changesNothing(() => send(browser, base + path, { ...fields, csrf }, headers));
      expect(sent.status).toBe(403);
    }
  });
});

describe('an open redirect', () => {
  it.each([
    ...['https://evil.example/', '//evil.example', '../../../evil', 'x/../../account/sign-out', 'a b'],
    '%0d%0aLocation:x',
  ])('to %s is where nobody goes on after it', async (flow) => {
    const email = await home.joins();
    const browser = createPlainBrowser(origin());
    const page = await browser.open(`${form}?flow=${encodeURIComponent(flow)}`);
    await browser.submit(page, '/forgotten', { email });
    const done = await (await home.follows((await home.mailbox.newest(email)).link, browser)).chooses();
    const hrefs = [...`${page.html}${done.html}`.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href);
    const isOurs = /^(\?|#|\/mcp\/oauth\/(account|password\/forgotten|assets\/[\w.-]+)$)/;
    expect(hrefs.filter((href) => !isOurs.test(href))).toEqual([]);
  });
});

describe('an old session', () => {
  it('ends with the password that was forgotten, and so does what was connected with it', async () => {
    const email = await home.joins();
    const { person, client, refreshToken } = await connect(home.server, { actions: { email, password: oldPassword } });
    await (await home.follows((await home.askForLink(email)).link)).chooses();
    expect((await person.browser.open(`${base}/account`)).url.pathname).toBe(`${base}/account/sign-in`);
    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
  });
});

describe('what is mailed and typed', () => {
  it('is in no line of the log and in no metric', async () => {
    const email = await home.joins();
    const { link } = await home.askForLink(email);
    await (await home.follows(link)).chooses();
    await home.mailbox.newest(email, 2);
    const tokens = home.mailbox.mails.flatMap(({ link }) => new URL(link).searchParams.getAll('token'));
    expect(tokens.length).toBeGreaterThan(5);
    const outside = JSON.stringify(home.server.logLines) + (await metricsOf(home.server));
    expect([...tokens, newPassword, oldPassword, email].filter((secret) => outside.includes(secret))).toEqual([]);
  });
});
