import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { testStores } from '../support/test-store.ts';
import { createVisitor, password } from '../support/visitor.ts';

const email = 'demo@example.com';
const tooMany = 'Too many tries';

/** One try to sign in with a browser of its own. */
async function tries(server: TestServer, credentials: { email: string; password: string }, headers = {}) {
  const { browser, page } = await (await createVisitor(server)).reachesSignIn();
  return browser.submit(page, '/sign-in', credentials, headers);
}

describe('a failed sign-in', () => {
  const server = shared(startServer);
  beforeAll(async () => {
    const directory = server.server.directory as LocalDirectory;
    const { id } = await directory.createAccount({ email: 'disabled@example.com', name: 'Gone', password });
    await directory.disableAccount(id);
  });

  /** What differs by itself: identifiers, the anti-forgery value, and the email that was typed. */
  function seen({ status, html }: { status: number; html: string }, typed: string) {
    const ofFlow = html.replaceAll(/(\/interaction\/|flow=)[\w-]+/g, '$1…');
    const text = ofFlow.replaceAll(/value="[\w-]{43}"/g, '…');
    return { status, text: text.replaceAll(typed, '<email>') };
  }

  it('looks the same for a wrong password, an unknown email and a disabled account', async () => {
    const wrong = seen(await tries(server, { email, password: 'not it' }), email);
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('The email or the password is wrong.');
    for (const other of ['nobody@example.com', 'disabled@example.com'])
      expect(seen(await tries(server, { email: other, password }), other)).toEqual(wrong);
  });

  it('keeps the email and forgets the password', async () => {
    const { html } = await tries(server, { email, password: 'a-typing-mistake' });

    expect(html).toContain(`value="${email}"`);
    expect(html).not.toContain('a-typing-mistake');
  });

  it('is in the log without email and password', async () => {
    await tries(server, { email, password: 'a-typing-mistake' });

    expect(server.logLines).toContainEqual(expect.objectContaining({ event: 'sign_in.refused' }));
    const log = JSON.stringify(server.logLines);
    for (const secret of [email, 'a-typing-mistake']) expect(log).not.toContain(secret);
  });

  it('starts no session', async () => {
    const { browser, page } = await (await createVisitor(server)).reachesSignIn();
    const rest = await browser.submit(page, '/sign-in', { email, password: 'not it' });

    expect((await browser.open(rest.url.href.replace('/sign-in', '?organization=acme'))).html).toContain('/sign-in"');
  });
});

describe('too many failures', () => {
  const { clock, pass } = createTestClock();
  const kept = shared(() => testStores.SQLite());
  const startNode = () => startServer({ env: kept.env, parts: { clock } });
  const server = shared(startNode);
  afterEach(() => pass(minutes(16)));

  async function expectTooMany(who: string) {
    const refusal = await tries(server, { email: who, password });
    expect(refusal).toMatchObject({ status: 429, html: expect.stringContaining(tooMany) });
    const retryAfter = Number(refusal.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(minutes(15));
    expect(refusal.html).not.toContain('aria-invalid');
    return retryAfter;
  }
  const fail = (who: string, headers = {}) => tries(server, { email: who, password: 'not it' }, headers);

  it('of one account, ten in fifteen minutes, lock it for everyone until they are over, on every node', async () => {
    for (let failure = 1; failure <= 10; failure += 1) expect((await fail(email)).status).toBe(422);

    const retryAfter = await expectTooMany(email);
    await using otherNode = await startNode();
    expect((await tries(otherNode, { email, password })).status).toBe(429);

    pass(retryAfter + 1);
    expect((await tries(server, { email, password })).status).toBe(200);
  });

  it('of an unknown email are treated the same', async () => {
    for (let failure = 1; failure <= 10; failure += 1) await fail('nobody@example.com');

    expect((await fail('nobody@example.com')).status).toBe(429);
  });

  it('from one address, fifty in fifteen minutes, refuse every account from there', async () => {
    for (let failure = 1; failure <= 50; failure += 1) await fail(`person-${failure}@example.com`);

    await expectTooMany('solo@example.com');
    pass(minutes(16));
    expect((await tries(server, { email: 'solo@example.com', password })).status).toBe(200);
  });
});

describe('failures from one address', () => {
  const policy = { signIn: { failuresPerAddress: 5 } };

  /** Fails as often as is allowed, each time for another account. */
  async function failures(server: TestServer, forwarded: (failure: number) => string) {
    const fail = (failure: number, by: string) =>
      tries(server, { email: `person-${failure}@example.com`, password: 'not it' }, { 'X-Forwarded-For': by });
    for (let failure = 1; failure <= 5; failure += 1) await fail(failure, forwarded(failure));
    return (by: string) => fail(6, by);
  }

  it('count for the one that a trusted proxy names, whatever the client wrote before it', async () => {
    await using server = await startServer({ policy, env: { TRUSTED_PROXIES: '127.0.0.1' } });
    const failFrom = await failures(server, (failure) => `192.0.2.${failure}, 198.51.100.7`);

    expect((await failFrom('192.0.2.99, 198.51.100.7')).status).toBe(429);
    expect((await failFrom('198.51.100.7, 203.0.113.9')).status).toBe(422);
  });

  it('count for the peer when nobody trusts its X-Forwarded-For', async () => {
    await using server = await startServer({ policy });
    const failFrom = await failures(server, (failure) => `192.0.2.${failure}`);

    expect((await failFrom('203.0.113.9')).status).toBe(429);
  });
});
