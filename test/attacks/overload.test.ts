import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Context } from 'koa';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createPaths } from '../../src/http/paths.ts';
import { findTryAgain } from '../../src/interactions/try-again.ts';
import { watchStore } from '../support/attacked.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { eventually } from '../support/eventually.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** More requests than can be answered (of no chapter: denial of service). */
/** The page goes on by itself: to where, and after how many seconds. */
function goesOn(html: string) {
  const [, seconds, href] = /<meta http-equiv="refresh" content="(\d+)(?:;url=([^"]+))?">/.exec(html) ?? [];
  return { seconds: Number(seconds), href };
}

/** Passwords that are looked at when the test says so. */
function heldPasswords() {
  const held: (() => void)[] = [];
  let isOpen = false;
  const wait = () => (isOpen ? Promise.resolve() : new Promise<void>((resolve) => held.push(resolve)));
  return {
    held,
    release() {
      isOpen = true;
      for (const resolve of held.splice(0)) resolve();
    },
    passwords: {
      hashPassword: async (password: string) => password,
      async verifyPassword(password: string, stored: string) {
        await wait();
        return password === stored;
      },
      verifyAgainstNobody: async () => false,
      needsRehash: () => false,
    },
  };
}

describe('where more is asked than can be answered soon', () => {
  const most = 4;
  const { held, release, passwords } = heldPasswords();
  const store = shared(watchStore);
  const limits = { requestsAtOnce: most };
  const server = shared(() => startServer({ env: store.env, policy: { limits }, parts: { passwords } }));

  it('tools are told to come again, people get a page that does, and what was begun is finished', async () => {
    const client = await registerClient(server.issuer);
    const open = async () => {
      const browser = createPlainBrowser(server.origin);
      return { browser, page: await browser.open(client.authorizationRequest().url.href) };
    };
    const waiting = await open();
    const flows = [];
    for (let flow = 0; flow < most; flow += 1) flows.push(await open());
    const credentials = { email: 'demo@example.com', password: 'demo-password' };
    const begun = flows.map(({ browser, page }) => browser.submit(page, '/sign-in', credentials));
    await eventually(() => held.length === most);

    const tool = await store.changesNothing(() => fetch(`${server.issuer}/oauth/jwks`));
    expect([tool.status, tool.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await tool.json()).toMatchObject({ error: 'temporarily_unavailable' });

    const { url } = client.authorizationRequest();
    const page = await store.changesNothing(() => createPlainBrowser(server.origin).open(url.href));
    expect(page.status).toBe(503);
    expect(goesOn(page.html)).toEqual({ seconds: 2, href: undefined });
    expect(page.html).toContain('this page tries again by itself');

    const form = await store.changesNothing(() => waiting.browser.submit(waiting.page, '/sign-in', credentials));
    expect(form.status).toBe(503);
    expect(goesOn(form.html).href).toBe(waiting.page.url.pathname);
    expect(form.html).toContain('your form was not processed');
    expect(form.html).not.toContain('demo-password');
    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);

    release();
    for (const { html } of await Promise.all(begun)) expect(html).toContain('Choose an organization');
    const again = await waiting.browser.open(goesOn(form.html).href ?? '');
    const done = await waiting.browser.submit(again, '/sign-in', credentials);
    expect(done.html).toContain('Choose an organization');
    const said = server.logLines.filter(({ event }) => event === 'overload');
    expect(said).toEqual([expect.objectContaining({ level: 40, refused: 1 })]);
  });
});

const paths = createPaths('https://auth.example/mcp');
const asked = (method: string, originalUrl: string, retryAfter = '') =>
  ({ method, path: originalUrl, originalUrl, response: { get: () => retryAfter } }) as unknown as Context;

describe('a page that tries again', () => {
  it.each([
    ['itself, whatever a link said', 'GET', '//evil.example/', 503, undefined],
    ['itself after too many requests', 'GET', '/mcp/oauth/authorize', 429, undefined],
    ['the page of a flow', 'POST', '/mcp/oauth/interaction/uid/sign-in', 503, '/mcp/oauth/interaction/uid'],
    ['the account', 'POST', '/mcp/oauth/account/connections/1/end', 503, '/mcp/oauth/account'],
    ['nothing where nobody knows the page of a form', 'POST', '/mcp/oauth/sign-out/confirm', 503, undefined],
    ['nothing where waiting does not help', 'GET', '/mcp/oauth/authorize', 400, undefined],
  ])('leads to %s', (_name, method, target, status, href) => {
    expect(findTryAgain(asked(method, target), status, paths)?.href).toBe(href);
  });

  it('does so when it was told to, and only where waiting helps', () => {
    expect(findTryAgain(asked('GET', '/', '7'), 503, paths)).toEqual({ seconds: 7 });
    expect(findTryAgain(asked('GET', '/'), 429, paths)).toEqual({ seconds: 5 });
    expect(findTryAgain(asked('GET', '/'), 400, paths)).toBeUndefined();
  });
});

describe('a crowd that signs in at once', () => {
  const waitingPasswords = 5;
  const policy = { limits: { waitingPasswords }, signIn: { failuresPerAddress: 200 } };
  const server = shared(() => startServer({ policy, costlyPasswords: true }));
  beforeAll(async () => {
    const directory = server.server.directory as LocalDirectory;
    for (let person = 0; person < 40; person += 1) {
      await directory.createAccount({ email: `${person}@example.com`, name: 'Ada', password: 'the right password' });
    }
  });

  it('is looked at as far as that is soon done; the others get the form again, and may try in a moment', async () => {
    const client = await registerClient(server.issuer);
    const people = await Promise.all(
      Array.from({ length: 40 }, async (_, person) => {
        const browser = createPlainBrowser(server.origin);
        const page = await browser.open(client.authorizationRequest().url.href);
        const credentials = { email: `${person}@example.com`, password: 'the right password' };
        return { submit: () => browser.submit(page, '/sign-in', credentials) };
      }),
    );
    const answers = await Promise.all(people.map(({ submit }) => submit()));
    const putOff = answers.filter(({ status }) => status === 503);
    expect(putOff.length).toBeGreaterThan(0);
    expect(answers.length - putOff.length).toBeGreaterThanOrEqual(waitingPasswords);
    for (const { html, headers } of putOff) {
      expect(html).toContain('try again in a moment');
      expect(html).toContain('name="password"');
      expect(headers.get('retry-after')).toBe('3');
    }
    // That was no wrong password (R123).
    for (const [index, { status }] of answers.entries()) {
      if (status === 503) expect((await people[index]?.submit())?.status).toBe(200);
    }
  });
});
