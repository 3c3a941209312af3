import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AssertionSigner, createAssertionSigner } from '../clients/assertion-signer.ts';
import { documentClient } from '../clients/document-client.ts';
import { type DocumentWeb, publicAddress, startWeb } from '../clients/document-web.ts';
import { createTestClock, days, minutes } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

const chatgpt = 'https://chatgpt.com/oauth/abc123/client.json';
const keysUrl = 'https://chatgpt.com/oauth/jwks.json';
const redirectUri = 'https://chatgpt.com/connector/oauth/abc123';
const document = {
  client_id: chatgpt,
  client_name: 'ChatGPT',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
  token_endpoint_auth_signing_alg: 'RS256',
  jwks_uri: keysUrl,
};
const keysOnly = { ...document, token_endpoint_auth_methods_supported: ['private_key_jwt'] };

const { clock, pass } = createTestClock();
let web: DocumentWeb;
let server: TestServer;
let key: AssertionSigner;
let other: AssertionSigner;

beforeAll(async () => {
  [web, key, other] = await Promise.all([
    startWeb(),
    createAssertionSigner('one', 'RS256'),
    createAssertionSigner('two', 'RS256'),
  ]);
  server = await startServer({ parts: { network: web.network, clock } });
});
afterAll(async () => {
  await server.close();
  await web.close();
});
beforeEach(() => {
  web.serveJson(chatgpt, document);
  web.serveJson(keysUrl, { keys: [key.jwk] });
  web.requests.length = 0;
});
afterEach(() => {
  web.resolves('chatgpt.com', [publicAddress]);
  // What was fetched and approved is of no other test.
  pass(days(100));
});

/** A client assertion, right unless told otherwise. */
const sign = ({ by = key, audience = server.issuer, ...more }: Signed = {}) => by.assert(chatgpt, audience, more);
type Signed = { by?: AssertionSigner; audience?: string; issuer?: string; kid?: string };

async function approve() {
  const client = documentClient(server.issuer, chatgpt, redirectUri);
  const { url, verifier } = client.authorizationRequest();
  return { client, verifier, callback: await createPerson(server.origin).approves(url) };
}

async function connect(parameters: Record<string, string>) {
  const { client, verifier, callback } = await approve();
  return { client, answer: await client.exchange(callback, verifier, parameters) };
}

describe('a client whose document names keys and none (ChatGPT)', () => {
  it('connects and renews with its key (RFC 7523 §2.2, R75)', async () => {
    const { client, answer } = await connect(await sign({ audience: `${server.issuer}/oauth/token` }));
    const renewal = await client.refresh(answer.body.refresh_token ?? '', await sign());

    expect([answer.status, renewal.status]).toEqual([200, 200]);
  });

  it('connects and renews without it, because its document says that it may (R75)', async () => {
    const { client, answer } = await connect({});

    expect([answer.status, (await client.refresh(answer.body.refresh_token ?? '')).status]).toEqual([200, 200]);
    expect(web.requests.map(({ url }) => url)).toEqual([chatgpt]);
  });

  it('may do one and the other at the same time', async () => {
    const { client } = await approve();
    for (let round = 0; round < 50; round += 1) {
      const answers = await Promise.all([client.refresh('x', await sign()), client.refresh('x'), client.refresh('x')]);
      // Authenticated, and told that the token is wrong: the client itself is nobody's doubt.
      expect(answers.map(({ body }) => body.error)).toEqual(['invalid_grant', 'invalid_grant', 'invalid_grant']);
    }
  });

  it('needs PKCE like everybody else (OAuth 2.1 §7.5.2)', async () => {
    const { client, callback } = await approve();

    expect(await client.exchange(callback, 'x'.repeat(43))).toMatchObject({ body: { error: 'invalid_grant' } });
  });
});

describe('a client assertion', () => {
  it('is used once (RFC 7523 §3)', async () => {
    const assertion = await sign();
    const { client, answer } = await connect(assertion);
    expect(answer.status).toBe(200);

    const replay = await client.refresh(answer.body.refresh_token ?? '', assertion);

    expect(replay).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await client.refresh(answer.body.refresh_token ?? '', await sign())).status).toBe(200);
  });

  it.each([
    ['by another key', () => sign({ by: other, kid: 'one' })],
    ['by a key that is not published', () => sign({ by: other })],
    ['for another server', () => sign({ audience: 'https://other.example.com/token' })],
    ['by another client', () => sign({ issuer: 'https://chatgpt.com/oauth/another/client.json' })],
  ])('made %s is refused, although the client may come without one', async (_name, assertion) => {
    expect((await connect(await assertion())).answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('is asked for where the document names nothing else', async () => {
    web.serveJson(chatgpt, keysOnly);

    expect((await connect({})).answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await connect(await sign())).answer.status).toBe(200);
  });
});

describe('the keys of a document', () => {
  it('are fetched once for several requests', async () => {
    const { client } = await connect(await sign());
    await client.refresh('x', await sign());

    expect(web.requests.filter(({ url }) => url === keysUrl)).toHaveLength(1);
  });

  it('may change', async () => {
    await connect(await sign());
    web.serveJson(keysUrl, { keys: [other.jwk] });
    pass(minutes(1));

    expect((await connect(await sign({ by: other }))).answer.status).toBe(200);
    expect((await connect(await sign())).answer.status).toBe(401);
  });

  it('that cannot be fetched are 503, not an unknown client (R77)', async () => {
    web.serve(keysUrl, { status: 500 });

    const { answer } = await connect(await sign());

    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('60');
  });

  it('are fetched from the public internet only', async () => {
    web.serveJson(chatgpt, { ...keysOnly, jwks_uri: 'https://tool.example.com/jwks.json' });
    web.serveJson('https://tool.example.com/jwks.json', { keys: [key.jwk] });
    web.resolves('tool.example.com', ['169.254.169.254']);

    expect((await connect(await sign())).answer.status).toBe(503);
    expect(web.requests.map(({ url }) => url)).toEqual([chatgpt]);
    web.resolves('tool.example.com', [publicAddress]);
    pass(60);
    expect((await connect(await sign())).answer.status).toBe(200);
  });
});
