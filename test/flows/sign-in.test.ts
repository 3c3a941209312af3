import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { changedPolicy } from '../support/policy.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type TestStore, testStores } from '../support/test-store.ts';
import { createVisitor, password } from '../support/visitor.ts';

const email = 'demo@example.com';
const tooMany = 'Too many tries';

/** One try to sign in with a browser of its own. */
async function tries(server: TestServer, credentials: { email: string; password: string }, headers = {}) {
  const { browser, page } = await (await createVisitor(server)).reachesSignIn();
  return browser.submit(page, '/sign-in', credentials, headers);
}

describe('a failed sign-in', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
    const directory = server.server.directory as LocalDirectory;
    const { id } = await directory.createAccount({ email: 'disabled@example.com', name: 'Gone', password });
    await directory.disableAccount(id);
  });
  afterAll(() => server.close());

  /** What differs by itself: identifiers, the anti-forgery value, and the email that was typed. */
  function seen({ status, html }: { status: number; html: string }, typed: string) {
    const ofFlow = html.replaceAll(/(\/interaction\/|flow=)[\w-]+/g, '$1…');
    const text = ofFlow.replaceAll(/value="[\w-]{43}"/g, '…');
    return { status, text: text.replaceAll(typed, '<email>') };
  }

  it('looks the same for a wrong password, an unknown email and a disabled account', async () => {
    const wrong = seen(await tries(server, { email, password: 'not it' }), email);
    const unknown = seen(await tries(server, { email: 'nobody@example.com', password }), 'nobody@example.com');
    const disabled = seen(await tries(server, { email: 'disabled@example.com', password }), 'disabled@example.com');

    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('The email or the password is wrong.');
    expect(unknown).toEqual(wrong);
    expect(disabled).toEqual(wrong);
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
  let kept: TestStore;
  let server: TestServer;
  beforeAll(async () => {
    kept = await testStores.SQLite();
    server = await startServer({ env: kept.env, parts: { clock } });
  });
  afterEach(() => pass(minutes(16)));
  afterAll(async () => {
    await server.close();
    await kept.close();
  });

  const fail = (who: string, headers = {}) => tries(server, { email: who, password: 'not it' }, headers);

  it('of one account, ten in fifteen minutes, lock it for everyone until they are over, on every node', async () => {
    for (let failure = 1; failure <= 10; failure += 1) expect((await fail(email)).status).toBe(422);

    const refusal = await tries(server, { email, password });
    expect({ status: refusal.status, says: refusal.html.includes(tooMany) }).toEqual({ status: 429, says: true });
    const retryAfter = Number(refusal.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(minutes(15));
    expect(refusal.html).not.toContain('aria-invalid');

    await using otherNode = await startServer({ env: kept.env, parts: { clock } });
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

    const refusal = await tries(server, { email: 'solo@example.com', password });

    expect({ status: refusal.status, says: refusal.html.includes(tooMany) }).toEqual({ status: 429, says: true });
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
    pass(minutes(16));
    expect((await tries(server, { email: 'solo@example.com', password })).status).toBe(200);
  });
});

describe('failures from one address', () => {
  const policy = changedPolicy({ signIn: { failuresPerAddress: 5 } });
  afterAll(() => policy[Symbol.dispose]());

  /** Fails as often as is allowed, each time for another account. */
  async function failures(server: TestServer, forwarded: (failure: number) => string) {
    const fail = (failure: number, by: string) =>
      tries(server, { email: `person-${failure}@example.com`, password: 'not it' }, { 'X-Forwarded-For': by });
    for (let failure = 1; failure <= 5; failure += 1) await fail(failure, forwarded(failure));
    return (by: string) => fail(6, by);
  }

  it('count for the one that a trusted proxy names, whatever the client wrote before it', async () => {
    await using server = await startServer({ env: { ...policy.env, TRUSTED_PROXIES: '127.0.0.1' } });
    const failFrom = await failures(server, (failure) => `192.0.2.${failure}, 198.51.100.7`);

    expect((await failFrom('192.0.2.99, 198.51.100.7')).status).toBe(429);
    expect((await failFrom('198.51.100.7, 203.0.113.9')).status).toBe(422);
  });

  it('count for the peer when nobody trusts its X-Forwarded-For', async () => {
    await using server = await startServer({ env: policy.env });
    const failFrom = await failures(server, (failure) => `192.0.2.${failure}`);

    expect((await failFrom('203.0.113.9')).status).toBe(429);
  });
});
