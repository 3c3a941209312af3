import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AssertionSigner, createAssertionSigner } from '../clients/assertion-signer.ts';
import { publicAddress } from '../clients/document-web.ts';
import { minutes } from '../support/clock.ts';
import { shared } from '../support/shared.ts';
import { comeBack, sharedDocumentWeb, unknown } from './document-clients.ts';

const keysUrl = 'https://chatgpt.com/oauth/jwks.json';
const chatgpt = {
  client_id: 'https://chatgpt.com/oauth/abc123/client.json',
  client_name: 'ChatGPT',
  redirect_uris: ['https://chatgpt.com/connector/oauth/abc123'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
  token_endpoint_auth_signing_alg: 'RS256',
  jwks_uri: keysUrl,
};
const keysOnly = { ...chatgpt, token_endpoint_auth_methods_supported: ['private_key_jwt'] };

const { web, server, pass, approves } = sharedDocumentWeb([chatgpt]);
const key = shared(() => createAssertionSigner('one', 'RS256'));
const other = shared(() => createAssertionSigner('two', 'RS256'));
beforeEach(() => web.serveJson(keysUrl, { keys: [key.jwk] }));

/** A client assertion, right unless told otherwise. */
const sign = ({ by = key, audience = server.issuer, ...more }: Signed = {}) =>
  by.assert(chatgpt.client_id, audience, more);
type Signed = { by?: AssertionSigner; audience?: string; issuer?: string; kid?: string };

async function connect(parameters: Record<string, string>) {
  const { redeem, client } = await approves();
  const answer = await redeem(parameters);
  const refreshToken = answer.body.refresh_token ?? '';
  return { answer, refresh: (assertion?: Record<string, string>) => client.refresh(refreshToken, assertion) };
}

const asked = () => web.requests.map(({ url }) => url);

describe('a client whose document names keys and none (ChatGPT)', () => {
  it('connects and renews with its key (RFC 7523 §2.2, R75)', async () => {
    const { answer, refresh } = await connect(await sign({ audience: `${server.issuer}/oauth/token` }));

    expect([answer.status, (await refresh(await sign())).status]).toEqual([200, 200]);
  });

  it('connects and renews without it, because its document says that it may (R75)', async () => {
    const { answer, refresh } = await connect({});

    expect([answer.status, (await refresh()).status]).toEqual([200, 200]);
    expect(asked()).toEqual([chatgpt.client_id]);
  });

  it('may do one and the other at the same time', async () => {
    const { client } = await approves();
    for (let round = 0; round < 50; round += 1) {
      const answers = await Promise.all([client.refresh('x', await sign()), client.refresh('x'), client.refresh('x')]);
      // Authenticated, and told that the token is wrong: the client itself is nobody's doubt.
      expect(answers.map(({ body }) => body.error)).toEqual(['invalid_grant', 'invalid_grant', 'invalid_grant']);
    }
  });

  it('needs PKCE like everybody else (OAuth 2.1 §7.5.2)', async () => {
    const { client, callback } = await approves();

    expect(await client.exchange(callback, 'x'.repeat(43))).toMatchObject({ body: { error: 'invalid_grant' } });
  });
});

describe('a client assertion', () => {
  it('is used once (RFC 7523 §3)', async () => {
    const assertion = await sign();
    const { answer, refresh } = await connect(assertion);
    expect(answer.status).toBe(200);

    expect(await refresh(assertion)).toMatchObject(unknown);
    expect((await refresh(await sign())).status).toBe(200);
  });

  it.each([
    ['by another key', () => sign({ by: other, kid: 'one' })],
    ['by a key that is not published', () => sign({ by: other })],
    ['for another server', () => sign({ audience: 'https://other.example.com/token' })],
    ['by another client', () => sign({ issuer: 'https://chatgpt.com/oauth/another/client.json' })],
  ])('made %s is refused, although the client may come without one', async (_name, assertion) => {
    expect((await connect(await assertion())).answer).toMatchObject(unknown);
  });

  it('is asked for where the document names nothing else', async () => {
    web.serveJson(chatgpt.client_id, keysOnly);

    expect((await connect({})).answer).toMatchObject(unknown);
    expect((await connect(await sign())).answer.status).toBe(200);
  });
});

describe('the keys of a document', () => {
  it('are fetched once for several requests', async () => {
    const { refresh } = await connect(await sign());
    await refresh(await sign());

    expect(asked().filter((url) => url === keysUrl)).toHaveLength(1);
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

    expect(answer).toMatchObject(comeBack);
    expect(answer.headers.get('retry-after')).toBe('60');
  });

  it('are fetched from the public internet only', async () => {
    web.serveJson(chatgpt.client_id, { ...keysOnly, jwks_uri: 'https://tool.example.com/jwks.json' });
    web.serveJson('https://tool.example.com/jwks.json', { keys: [key.jwk] });
    web.resolves('tool.example.com', ['169.254.169.254']);

    expect((await connect(await sign())).answer.status).toBe(503);
    expect(asked()).toEqual([chatgpt.client_id]);
    web.resolves('tool.example.com', [publicAddress]);
    pass(60);
    expect((await connect(await sign())).answer.status).toBe(200);
  });
});
