import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { documentClient } from '../clients/document-client.ts';
import { startWeb } from '../clients/document-web.ts';
import { createPlainBrowser, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, redirectUri, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, type TestStoreKind, testStores } from '../support/test-store.ts';

const few = 5;

/** What anybody may leave in the store without having shown who they are (of no chapter: denial of service). */
describe.each(Object.keys(testStores) as TestStoreKind[])('a stranger who writes, in %s,', (kind) => {
  const web = shared(startWeb);
  const kept = shared(testStores[kind]);
  const limits = { unusedRegistrations: few, unusedDocuments: few, unfinishedSignIns: few };
  const server = shared(() =>
    startServer({ env: kept.env, policy: { limits }, parts: { ...kept.parts, network: web.network } }),
  );
  const fills = async (leave: () => Promise<unknown>, times = 3 * few) => {
    for (let time = 0; time < times; time += 1) await leave();
  };

  const namesOf = async (kind: string) => new Set((await recordsOf(kept, kind)).map(({ key }) => key));
  const sizeOf = (names: Set<string> | undefined) => names?.size ?? 0;
  const bound = async () => {
    const kinds = ['client', 'registration-access-token', 'registration-tokens', 'client-document', 'session'];
    const [clients, tokens, indexes, documents, sessions] = await Promise.all(kinds.map(namesOf));
    return { clients, tokens, indexes, documents, sessions };
  };
  const isKnown = async (clientId: string) => [...(await namesOf('client'))].some((key) => key.includes(clientId));

  it('keeps the newest registrations that nobody uses, with all that belongs to them, and no more', async () => {
    const all: RelyingParty[] = [];
    await fills(async () => all.push(await registerClient(server.issuer)));
    const { clients, tokens, indexes } = await bound();
    expect([clients, tokens, indexes].map(sizeOf)).toEqual([few, few, few]);
    const known = await Promise.all(all.map(({ clientId }) => isKnown(clientId)));
    expect(known).toEqual(all.map((_, index) => index >= 2 * few));
  });

  it('pushes out no client with a connection, and none that somebody has signed in for', async () => {
    const connected = await connect(server);
    const signedIn = await registerClient(server.issuer);
    const { browser } = createPerson(server.origin);
    const page = await browser.open(signedIn.authorizationRequest().url.href);
    await browser.submit(page, '/sign-in', { email: 'demo@example.com', password: 'demo-password' });
    const forgotten = await registerClient(server.issuer);
    await fills(() => registerClient(server.issuer));

    expect([await isKnown(forgotten.clientId), await isKnown(signedIn.clientId)]).toEqual([false, true]);
    expect((await connected.client.refresh(connected.refreshToken)).status).toBe(200);
  });

  it('leaves four kilobytes of a registration at most, whatever it sends', async () => {
    const url = (name: string) => `https://tool.example/${name}/${'x'.repeat(1000)}`;
    const { registration } = await registerClient(server.issuer, {
      ...{ client_uri: url('home'), logo_uri: url('logo'), policy_uri: url('policy'), tos_uri: url('terms') },
      contacts: Array.from({ length: 9 }, (_, index) => `${'x'.repeat(60)}${index}@${'y'.repeat(60)}.example`),
    });
    expect(registration.redirect_uris).toEqual([redirectUri]);
    expect(registration.client_uri).toBeDefined();
    const sizes = (await recordsOf(kept, 'client')).map(({ value }) => Buffer.byteLength(value));
    expect(Math.max(...sizes)).toBeGreaterThan(2000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4096);
  });

  const manyRedirects = Array.from({ length: 50 }, (_, n) => `https://tool.example/${n}/${'x'.repeat(90)}`);
  const longKeys = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x'.repeat(4000), y: 'y' }] };

  it.each([
    ['redirects', { redirect_uris: manyRedirects }],
    ['keys', { token_endpoint_auth_method: 'private_key_jwt', jwks: longKeys }],
  ])('is refused where %s are larger than that, and leaves nothing', async (_name, metadata) => {
    const before = await bound();
    const body = JSON.stringify({ redirect_uris: [redirectUri], ...metadata });
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(`${server.issuer}/oauth/register`, { method: 'POST', headers, body });
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_client_metadata' }]);
    expect(await bound()).toEqual(before);
  });

  it('keeps the newest documents of clients that nobody has approved, and no more', async () => {
    const asks = async (name: string, approves = false) => {
      const url = `https://tool.example.com/${name}.json`;
      const headers = { 'Cache-Control': 'max-age=86400' };
      web.serveJson(url, { client_id: url, client_name: 'Tool', redirect_uris: [redirectUri] }, headers);
      const request = documentClient(server.issuer, url, redirectUri).authorizationRequest().url;
      const person = createPerson(server.origin);
      await (approves ? person.approves(request) : person.browser.open(request.href));
    };
    await asks('approved', true);
    const approved = [...((await bound()).documents ?? [])];
    for (let time = 0; time < 3 * few; time += 1) await asks(`stranger-${time}`);
    const { documents } = await bound();
    expect(sizeOf(documents)).toBe(few + approved.length);
    for (const key of approved) expect(documents).toContain(key);
  });

  it('keeps the newest sign-ins that nobody finishes, fewer where a request is long, and none of those who are signed in', async () => {
    const client = await registerClient(server.issuer);
    const begin = async (browser: PlainBrowser, state = 'x') =>
      (await browser.open(client.authorizationRequest({ state }).url.href)).url;
    const signedIn = createPlainBrowser(server.origin);
    const credentials = { email: 'demo@example.com', password: 'demo-password' };
    const consent = await signedIn.submit(await signedIn.open((await begin(signedIn)).href), '/sign-in', credentials);
    const before = sizeOf(await namesOf('interaction'));

    const strangers = Array.from({ length: 3 * few }, () => createPlainBrowser(server.origin));
    const pages = [];
    for (const stranger of strangers) pages.push(await begin(stranger));
    const statuses = await Promise.all(pages.map(async ({ href }, at) => (await strangers[at]?.open(href))?.status));
    expect(statuses).toEqual(strangers.map((_, at) => (at < 2 * few ? 400 : 200)));
    expect(sizeOf(await namesOf('interaction'))).toBeLessThanOrEqual(before + few);

    const long = createPlainBrowser(server.origin);
    await begin(long, 'x'.repeat(few * 2048 - 1000));
    expect(sizeOf(await namesOf('interaction'))).toBeLessThanOrEqual(before + 1);
    expect((await signedIn.open(consent.url.href)).status).toBe(200);
  });

  it('keeps the newest answers to sign-ins that strangers decline', async () => {
    const client = await registerClient(server.issuer);
    await fills(async () => {
      const browser = createPlainBrowser(server.origin);
      await browser.submit(await browser.open(client.authorizationRequest().url.href), '/decline');
    });
    const receipts = sizeOf(await namesOf('receipt'));
    expect(receipts).toBeLessThanOrEqual(few);
    expect(receipts).toBeGreaterThan(0);
  });

  it('leaves a thousand sessions of nobody at most, for an hour, by asking to be signed out', async () => {
    const places = 1000;
    const ask = () => fetch(`${server.issuer}/oauth/sign-out`);
    await fills(() => Promise.all(Array.from({ length: 20 }, ask)), places / 20 + 3);
    const { sessions } = await bound();
    const people = 10; // Those of the tests above.
    expect(sizeOf(sessions)).toBeGreaterThan(places - people);
    expect(sizeOf(sessions)).toBeLessThanOrEqual(places + people);
    const nobodys = (await recordsOf(kept, 'session')).filter(({ value }) => !value.includes('accountId'));
    for (const { secondsLeft } of nobodys) expect(secondsLeft).toBeLessThanOrEqual(3600);
  });
});

describe('the id of a client assertion is kept for ten minutes at most', () => {
  const kept = shared(testStores.SQLite);
  const server = shared(() => startServer({ env: kept.env }));
  const minute = 60;

  async function asks(times: { iat?: number; exp: number }) {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    const auth = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };
    const { clientId, post } = await registerClient(server.issuer, auth);
    const now = Math.floor(Date.now() / 1000);
    const whose = { jti: crypto.randomUUID(), iss: clientId, sub: clientId, aud: server.issuer };
    const claims = { ...whose, exp: now + times.exp, ...(times.iat !== undefined && { iat: now + times.iat }) };
    const client_assertion = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(privateKey);
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const ask = async () => (await post('introspect', { token: 'x', client_assertion, client_assertion_type })).status;
    const before = new Set((await recordsOf(kept, 'replay-detection')).map(({ key }) => key));
    const statuses = [await ask(), await ask()];
    const noted = (await recordsOf(kept, 'replay-detection')).filter(({ key }) => !before.has(key));
    return { statuses, seconds: noted.map(({ secondsLeft }) => Math.ceil(secondsLeft ?? Number.NaN)) };
  }

  it.each([
    ['one minute', { exp: minute }, minute],
    ['ten minutes', { exp: 10 * minute }, 10 * minute],
    ['an hour, and was made just now', { exp: 60 * minute, iat: 0 }, 10 * minute],
  ])('where it lives for %s, and counts once', async (_name, times, seconds) => {
    const { statuses, seconds: kept } = await asks(times);
    expect(statuses).toEqual([200, 401]);
    expect(kept).toHaveLength(1);
    // By how much a clock may be behind.
    expect(kept[0]).toBeLessThanOrEqual(Math.min(10 * minute, seconds + 15));
    expect(kept[0]).toBeGreaterThan(seconds - 30);
  });

  it.each([
    ['a year, and does not say when it was made', { exp: 365 * 24 * 60 * minute }],
    ['an hour, and was made ten minutes ago', { exp: 60 * minute, iat: -10 * minute }],
    ['an hour, and was made in the future', { exp: 60 * minute, iat: 10 * minute }],
  ])('so one is refused that lives for %s', async (_name, times) => {
    expect(await asks(times)).toEqual({ statuses: [401, 401], seconds: [] });
  });
});
