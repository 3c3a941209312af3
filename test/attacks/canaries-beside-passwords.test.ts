import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { account, password, requestOf, startFactors } from '../factors/factor-fixtures.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { eventually } from '../support/eventually.ts';
import { metricsOf } from '../support/listening.ts';
import { shared } from '../support/shared.ts';

/** As canaries.test.ts, for what people and operators have beside passwords: rightly used, used twice, and wrong (of no chapter). */
const smtpPassword = 'canary of the mail server/+=';
const tried: string[] = [];
async function startMailServer() {
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    authOptional: true,
    logger: false,
    onAuth({ password }, _session, done) {
      tried.push(String(password));
      done(new Error(`no such password: ${password}`));
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

const mail = shared(startMailServer);
const here = shared(() => {
  const { port } = mail.server.server.address() as AddressInfo;
  const SMTP_URL = `smtp://127.0.0.1:${port}`;
  const from = { SMTP_URL, SMTP_USERNAME: 'mailer', SMTP_PASSWORD: smtpPassword, MAIL_FROM: 'a@example.com' };
  return startFactors({}, from);
});
const secrets = new Map([
  ['the password of the mail server', smtpPassword],
  ['it in base64', Buffer.from(smtpPassword).toString('base64')],
  ['both in base64', Buffer.from(`\0mailer\0${smtpPassword}`).toString('base64')],
]);

beforeAll(async () => {
  await usesAnApp();
  await usesAPasskey();
  const browser = createPlainBrowser(here.server.origin);
  const email = 'demo@example.com';
  await browser.submit(await browser.open('/mcp/oauth/password/forgotten'), '/forgotten', { email });
  await eventually(() => tried.includes(smtpPassword));
  await eventually(() => here.server.logLines.some(({ event }) => event === 'mail.failed'));
});

async function usesAnApp() {
  const owner = here.someone();
  const setUp = await owner.addsApp();
  const [first = '', second = ''] = owner.codes;
  secrets.set('the secret of an app', owner.phone.secret);
  for (const [n, code] of owner.codes.entries()) secrets.set(`recovery code ${n}`, code);
  expect(setUp.status).toBe(200);
  await owner.shows(await owner.signsIn());
  for (const code of ['canary-of-a-code', first, first, second.toUpperCase()]) {
    secrets.set(`what was typed: ${code}`, code);
    const { browser, page } = await showsPassword(owner.email);
    await browser.submit(page, '/factor', { code });
    const recovery = await browser.open(`${page.url.pathname}?use=recovery`);
    await browser.submit(recovery, '/factor', { code });
  }
}

async function usesAPasskey() {
  const owner = here.someone('solo@example.com');
  await owner.addsPasskey();
  for (const lies of [undefined, { origin: 'https://evil.example' }, { challenge: 'Y2FuYXJ5LW9mLWEtY2hhbGxlbmdl' }]) {
    const { browser, page } = await showsPassword(owner.email);
    const { options } = requestOf(page);
    const credential = owner.key.get(JSON.stringify(options), lies);
    secrets.set(`a challenge ${secrets.size}`, options.challenge);
    secrets.set(`a signature ${secrets.size}`, JSON.parse(credential).response.signature);
    await browser.submit(page, '/factor', { credential });
  }
}

/** In a browser of their own, where more is asked for. */
async function showsPassword(email: string) {
  const browser = createPlainBrowser(here.server.origin);
  const page = await browser.submit(await browser.open(`${account}/sign-in`), '/sign-in', { email, password });
  return { browser, page };
}

describe('no secret of a second factor, nor of the mail server', () => {
  it('is in a line of the log, nor in the metrics', async () => {
    const outside = [...here.server.logLines.map((line) => JSON.stringify(line)), await metricsOf(here.server)];
    // What was to be seen was seen: all of it was used, and told of.
    const told = new Set(here.server.logLines.map(({ event }) => event));
    expect([...told]).toEqual(
      expect.arrayContaining(['factor.added', 'sign_in', 'sign_in.factor_refused', 'mail.failed']),
    );
    expect([...secrets].filter(([, value]) => value.length < 8)).toEqual([]);
    expect(secrets.size).toBeGreaterThan(20);
    for (const line of outside) {
      const found = [...secrets].filter(([, value]) => line.includes(value));
      expect([found, line.slice(0, found.length * 1000)]).toEqual([[], '']);
    }
  });
});
