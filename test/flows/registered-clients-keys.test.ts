import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createAssertionSigner } from '../clients/assertion-signer.ts';
import { publicAddress, startWeb } from '../clients/document-web.ts';
import { approve } from '../support/approval.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { manage, refusal } from '../support/endpoints.ts';
import { createPerson } from '../support/person.ts';
import { freePort } from '../support/redis.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer, type TestServerOptions } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { testStores } from '../support/test-store.ts';

const signing = { token_endpoint_auth_method: 'private_key_jwt' };
const internal = 'https://10.0.0.1/jwks.json';
const invalid = { body: { error: 'invalid_client' } };
const unavailable = refusal(503, 'temporarily_unavailable');

const { clock, pass } = createTestClock();
const web = shared(startWeb);
const own = shared(() => createAssertionSigner('one'));
const start = (clientDocuments: object = {}, options: TestServerOptions = {}) =>
  startServer({ ...options, policy: { clientDocuments }, parts: { network: web.network, clock } });
const server = shared(() => start());

/** Of each test: what was fetched from it before is of no other one. */
let keysUrl: string;
let tests = 0;
beforeEach(() => {
  tests += 1;
  keysUrl = `https://tool.example.com/${tests}/jwks.json`;
  web.resolves('tool.example.com', [publicAddress]);
  web.serveJson(keysUrl, { keys: [own.jwk] });
  web.requests.length = 0;
  pass(minutes(2));
});

const assert = ({ clientId }: RelyingParty, signer = own, { issuer } = server) => signer.assert(clientId, issuer);
const register = (keys: object, at = server) => registerClient(at.issuer, { ...signing, ...keys });
const approved = (client: RelyingParty, at = server) => approve(client, createPerson(at.origin));

/** A client whose keys are at a URL, and that is connected. */
async function connectByUrl(at = server) {
  const client = await register({ jwks_uri: keysUrl }, at);
  const { body } = await (await approved(client, at)).redeem(await assert(client, own, at));
  const refreshToken = body.refresh_token ?? '';
  const renew = async (signer = own, by = at) => client.refresh(refreshToken, await assert(client, signer, by));
  return { client, refreshToken, renew };
}

describe('a client that registers for private_key_jwt', () => {
  it.each([
    ['its keys', () => ({ jwks: { keys: [own.jwk] } })],
    ['the URL of its keys', () => ({ jwks_uri: keysUrl })],
  ])('with %s keeps the method, gets no secret, and is held to its signature', async (_name, keys) => {
    const client = await register(keys());
    expect(client.registration).toMatchObject({ ...signing, ...keys() });
    expect(client.registration).not.toHaveProperty('client_secret');

    const { redeem } = await approved(client);
    expect(await redeem()).toMatchObject(invalid);
    expect(await redeem(await assert(client, await createAssertionSigner('one')))).toMatchObject(invalid);
    expect((await redeem(await assert(client))).status).toBe(200);
  });

  it('with both is asked for what it has sent, and nothing is fetched', async () => {
    const client = await register({ jwks: { keys: [own.jwk] }, jwks_uri: internal });

    expect(client.registration).not.toHaveProperty('jwks_uri');
    expect((await (await approved(client)).redeem(await assert(client))).status).toBe(200);
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
  ])('with %s is refused (RFC 7591 §3.2.2)', (_name, key) =>
    expect(register({ jwks: { keys: [key] } })).rejects.toThrow('invalid_client_metadata'),
  );

  it.each([
    ['http:', 'http://tool.example.com/jwks.json', 'not an https URL of this size'],
    ['what is no URL', 'jwks.json', 'not an https URL of this size'],
    ['another port', 'https://tool.example.com:8443/jwks.json', 'a port other than 443'],
    ['an address of our own network', 'https://127.0.0.1/jwks.json', 'an IP address for a host'],
  ])('with keys at %s is told that they cannot be fetched', (_name, url, why) => {
    const sentence = `jwks_uri cannot be used (${why}); register the keys as jwks`;
    return expect(register({ jwks_uri: url })).rejects.toThrow(sentence);
  });

  it('is told so however it spells the method', () => {
    const metadata = { token_endpoint_auth_method: ' private_key_jwt ', jwks_uri: internal };
    return expect(registerClient(server.issuer, metadata)).rejects.toThrow('jwks_uri cannot be used');
  });

  it('cannot change its keys to such a URL (RFC 7592 §2.2)', async () => {
    const client = await register({ jwks_uri: keysUrl });
    const answer = await manage(client, 'PUT', { ...signing, jwks_uri: internal });
    expect(answer).toMatchObject(refusal(400, 'invalid_client_metadata'));
  });

  it.each([
    ['a host on the deny list', { deny: ['*.example.com'] }, 'the host is on the deny list'],
    ['a host not on the allow list', { allow: ['vscode.dev'] }, 'the host is not on the allow list'],
    ['any host, where nothing is fetched', { enabled: false }, 'nothing is fetched for clients here'],
  ])('with keys at %s is refused, also when it registered before', async (_name, policy, why) => {
    await using kept = await testStores.SQLite();
    const first = await start({}, { env: kept.env, port: await freePort() });
    const { renew } = await connectByUrl(first);
    const before = web.requests.length;
    await first.close();
    // Client and server share one event loop here: the client must get a turn to see that its sockets are closed.
    await setImmediate();
    await using later = await start(policy, { env: kept.env, port: Number(new URL(first.origin).port) });

    await expect(register({ jwks_uri: keysUrl }, later)).rejects.toThrow(`(${why}); register the keys as jwks`);
    expect(await renew(own, later)).toMatchObject(refusal(401, 'invalid_client'));
    expect(web.requests).toHaveLength(before);
  });
});

describe('the keys of a registration at a URL', () => {
  it('are fetched once for several requests, and for no request that is not signed', async () => {
    const { client, refreshToken, renew } = await connectByUrl();
    await client.refresh(refreshToken);
    expect((await renew()).status).toBe(200);
    expect(web.requests.map(({ url }) => url)).toEqual([keysUrl]);
  });

  it('may change', async () => {
    const { renew } = await connectByUrl();
    const next = await createAssertionSigner('two');
    web.serveJson(keysUrl, { keys: [next.jwk] });
    pass(minutes(1));

    expect(await renew()).toMatchObject(invalid);
    expect((await renew(next)).status).toBe(200);
  });

  it('are fetched from the public internet only', async () => {
    const client = await register({ jwks_uri: keysUrl });
    web.resolves('tool.example.com', ['169.254.169.254']);

    expect(await (await approved(client)).redeem(await assert(client))).toMatchObject(unavailable);
    expect(web.requests).toEqual([]);
  });

  it('stand in as they were while their host is away, for a client that somebody approved (R77)', async () => {
    const { renew } = await connectByUrl();
    web.serve(keysUrl, { status: 500 });
    pass(minutes(60));

    expect((await renew()).status).toBe(200);
  });

  it('that were never fetched are 503, and no unknown client', async () => {
    web.serve(keysUrl, { status: 500 });
    const client = await register({ jwks_uri: keysUrl });
    const answer = await client.refresh('x', await assert(client));

    expect(answer).toMatchObject(unavailable);
    expect(answer.headers.get('retry-after')).toBe('60');
  });
});
