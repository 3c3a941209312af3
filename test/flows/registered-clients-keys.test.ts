import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AssertionSigner, createAssertionSigner } from '../clients/assertion-signer.ts';
import { type DocumentWeb, publicAddress, startWeb } from '../clients/document-web.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer, type TestServerOptions } from '../support/server.ts';
import { testStores } from '../support/test-store.ts';

const signing = { token_endpoint_auth_method: 'private_key_jwt' };

const { clock, pass } = createTestClock();
let web: DocumentWeb;
let server: TestServer;
let own: AssertionSigner;
/** Of each test: what was fetched from it before is of no other one. */
let keysUrl: string;
let tests = 0;
beforeAll(async () => {
  [web, own] = await Promise.all([startWeb(), createAssertionSigner('one')]);
  server = await start();
});
afterAll(async () => {
  await server.close();
  await web.close();
});
beforeEach(() => {
  tests += 1;
  keysUrl = `https://tool.example.com/${tests}/jwks.json`;
  web.serveJson(keysUrl, { keys: [own.jwk] });
  web.requests.length = 0;
});
afterEach(() => {
  web.resolves('tool.example.com', [publicAddress]);
  pass(minutes(2));
});

async function start(documents: object = {}, options: TestServerOptions = {}): Promise<TestServer> {
  using policy = changedPolicy({ clientDocuments: documents });
  const parts = { network: web.network, clock };
  return await startServer({ ...options, env: { ...policy.env, ...options.env }, parts });
}

const assert = ({ clientId }: RelyingParty, signer = own, { issuer } = server) => signer.assert(clientId, issuer);
const register = (keys: object, at = server) => registerClient(at.issuer, { ...signing, ...keys });

async function approve(client: RelyingParty, at = server) {
  const { url, verifier } = client.authorizationRequest();
  const callback = await createPerson(at.origin).approves(url);
  return (parameters: Record<string, string>) => client.exchange(callback, verifier, parameters);
}

/** A client whose keys are at a URL, and that is connected. */
async function connectByUrl(at = server) {
  const client = await register({ jwks_uri: keysUrl }, at);
  const { body } = await (await approve(client, at))(await assert(client, own, at));
  return { client, refreshToken: body.refresh_token ?? '' };
}

describe('a client that registers for private_key_jwt', () => {
  it.each([
    ['its keys', () => ({ jwks: { keys: [own.jwk] } })],
    ['the URL of its keys', () => ({ jwks_uri: keysUrl })],
  ])('with %s keeps the method, gets no secret, and is held to its signature', async (_name, keys) => {
    const client = await register(keys());
    expect(client.registration).toMatchObject({ ...signing, ...keys() });
    expect(client.registration).not.toHaveProperty('client_secret');

    const exchange = await approve(client);
    expect((await exchange({})).body.error).toBe('invalid_client');
    expect((await exchange(await assert(client, await createAssertionSigner('one')))).body.error).toBe(
      'invalid_client',
    );
    expect((await exchange(await assert(client))).status).toBe(200);
  });

  it('with both is asked for what it has sent, and nothing is fetched', async () => {
    const client = await register({ jwks: { keys: [own.jwk] }, jwks_uri: 'https://10.0.0.1/jwks.json' });

    expect(client.registration).not.toHaveProperty('jwks_uri');
    expect((await (await approve(client))(await assert(client))).status).toBe(200);
    expect(web.requests).toEqual([]);
  });

  it.each([
    ['no keys', {}],
    ['an empty key set', { jwks: { keys: [] } }],
    ['an empty URL', { jwks_uri: ' ' }],
    ['a URL that is no text', { jwks_uri: 7 }],
  ])('with %s is told that it is public (R22)', async (_name, keys) => {
    const { registration } = await register(keys);

    expect(registration.token_endpoint_auth_method).toBe('none');
    for (const member of ['client_secret', 'jwks', 'jwks_uri']) expect(registration).not.toHaveProperty(member);
  });

  it.each([
    ['a private key', { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'secret' }],
    ['what is no key', { kty: 'EC' }],
  ])('with %s is refused (RFC 7591 §3.2.2)', async (_name, key) => {
    await expect(register({ jwks: { keys: [key] } })).rejects.toThrow('invalid_client_metadata');
  });

  it.each([
    ['http:', 'http://tool.example.com/jwks.json', 'not an https URL of this size'],
    ['what is no URL', 'jwks.json', 'not an https URL of this size'],
    ['another port', 'https://tool.example.com:8443/jwks.json', 'a port other than 443'],
    ['an address of our own network', 'https://127.0.0.1/jwks.json', 'an IP address for a host'],
  ])('with keys at %s is told that they cannot be fetched', async (_name, url, why) => {
    await expect(register({ jwks_uri: url })).rejects.toThrow(
      `jwks_uri cannot be used (${why}); register the keys as jwks`,
    );
  });

  it('is told so however it spells the method', async () => {
    const metadata = { token_endpoint_auth_method: ' private_key_jwt ', jwks_uri: 'https://10.0.0.1/jwks.json' };
    await expect(registerClient(server.issuer, metadata)).rejects.toThrow('jwks_uri cannot be used');
  });

  it('cannot change its keys to such a URL (RFC 7592 §2.2)', async () => {
    const { registration, clientId } = await register({ jwks_uri: keysUrl });
    const { registration_client_uri: url, registration_access_token: token, redirect_uris } = registration;
    const change = { ...signing, client_id: clientId, redirect_uris, jwks_uri: 'https://10.0.0.1/jwks.json' };
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
    const answer = await fetch(String(url), { method: 'PUT', headers, body: JSON.stringify(change) });
    const { error } = (await answer.json()) as { error: string };
    expect([answer.status, error]).toEqual([400, 'invalid_client_metadata']);
  });

  it.each([
    ['a host on the deny list', { deny: ['*.example.com'] }, 'the host is on the deny list'],
    ['a host not on the allow list', { allow: ['vscode.dev'] }, 'the host is not on the allow list'],
    ['any host, where nothing is fetched', { enabled: false }, 'nothing is fetched for clients here'],
  ])('with keys at %s is refused, also when it registered before', async (_name, policy, why) => {
    await using kept = await testStores.SQLite();
    const first = await start({}, { env: kept.env });
    const { client, refreshToken } = await connectByUrl(first);
    const before = web.requests.length;
    await first.close();
    // Client and server share one event loop here: the client must get a turn to see that its sockets are closed.
    await setImmediate();
    await using later = await start(policy, { env: kept.env, port: Number(new URL(first.origin).port) });

    await expect(register({ jwks_uri: keysUrl }, later)).rejects.toThrow(`(${why}); register the keys as jwks`);
    const renewal = await client.refresh(refreshToken, await assert(client, own, later));
    expect([renewal.status, renewal.body.error]).toEqual([401, 'invalid_client']);
    expect(web.requests).toHaveLength(before);
  });
});

describe('the keys of a registration at a URL', () => {
  it('are fetched once for several requests, and for no request that is not signed', async () => {
    const { client, refreshToken } = await connectByUrl();
    await client.refresh(refreshToken);
    expect((await client.refresh(refreshToken, await assert(client))).status).toBe(200);
    expect(web.requests.map(({ url }) => url)).toEqual([keysUrl]);
  });

  it('may change', async () => {
    const { client, refreshToken } = await connectByUrl();
    const next = await createAssertionSigner('two');
    web.serveJson(keysUrl, { keys: [next.jwk] });
    pass(minutes(1));

    expect((await client.refresh(refreshToken, await assert(client))).body.error).toBe('invalid_client');
    expect((await client.refresh(refreshToken, await assert(client, next))).status).toBe(200);
  });

  it('are fetched from the public internet only', async () => {
    const client = await register({ jwks_uri: keysUrl });
    web.resolves('tool.example.com', ['169.254.169.254']);

    const answer = await (await approve(client))(await assert(client));

    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(web.requests).toEqual([]);
  });

  it('stand in as they were while their host is away, for a client that somebody approved (R77)', async () => {
    const { client, refreshToken } = await connectByUrl();
    web.serve(keysUrl, { status: 500 });
    pass(minutes(60));

    expect((await client.refresh(refreshToken, await assert(client))).status).toBe(200);
  });

  it('that were never fetched are 503, and no unknown client', async () => {
    web.serve(keysUrl, { status: 500 });
    const client = await register({ jwks_uri: keysUrl });

    const answer = await client.refresh('x', await assert(client));

    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('60');
  });
});
