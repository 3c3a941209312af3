import { expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, jwtVerify } from 'jose';
import type { ClientAuth } from 'openid-client';
import { createAuthentication, type ProviderClient } from '../../src/identity-providers/authentication.ts';

type Written = Parameters<ClientAuth>;

/** What the provider reads of this client. */
async function saidBy(client: ProviderClient, understood?: readonly string[]) {
  const [body, headers] = [new URLSearchParams(), new Headers()];
  const authentication = await createAuthentication(client, understood);
  await authentication({ issuer: provider } as Written[0], client as Written[1], body, headers);
  const [, basic] = headers.get('authorization')?.split(' ') ?? [];
  return basic === undefined ? Object.fromEntries(body) : Buffer.from(basic, 'base64').toString();
}

const provider = 'https://login.example';
const both = ['client_secret_basic', 'client_secret_post'];

it.each<[string, object, readonly string[] | undefined]>([
  ['by its key, where it has one', {}, both],
  ['by its key, where it is said so', { token_endpoint_auth_method: 'private_key_jwt', client_secret: 'a' }, undefined],
])('a client says who it is %s (RFC 7523)', async (_name, more, understood) => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', alg: 'ES256' }] };
  const said = await saidBy({ client_id: 'mcp', jwks, ...more }, understood);
  expect(said).toEqual({
    client_id: 'mcp',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: expect.any(String),
  });
  const { client_assertion: assertion } = said as Record<string, string>;
  const expected = { issuer: 'mcp', subject: 'mcp', audience: provider, requiredClaims: ['exp', 'jti'] };
  const { payload, protectedHeader } = await jwtVerify(String(assertion), publicKey, expected);
  expect([protectedHeader.kid, Number(payload.exp) - Number(payload.iat) <= 300]).toEqual(['one', true]);
});

it.each([{}, { token_endpoint_auth_method: 'none', client_secret: 'a' }])(
  'a client without a secret says its name alone, and so does one that is to: %j',
  async (more) => {
    expect(await saidBy({ client_id: 'mcp', ...more }, both)).toEqual({ client_id: 'mcp' });
  },
);

const inBody = (secret: string) => ({ client_id: 'mcp', client_secret: secret });
it.each<[string, string, string, readonly string[] | undefined, unknown]>([
  ['as it is, where nothing needs an encoding', 'mcp-auth', 'GOCSPX-a_b.c', both, 'mcp-auth:GOCSPX-a_b.c'],
  ['in the body, where providers read it in two ways', 'mcp', 'a+b/c=', both, inBody('a+b/c=')],
  ['encoded, where it is the only way (RFC 6749 §2.3.1)', 'mcp', 'a+b c:', ['client_secret_basic'], 'mcp:a%2Bb+c%3A'],
  ['encoded, where the provider does not say', 'https://mcp', 'a', undefined, 'https%3A%2F%2Fmcp:a'],
  ['in the body, where that is the only way', 'mcp', 'a', ['client_secret_post'], inBody('a')],
])('a secret is said %s', async (_name, id, secret, understood, said) => {
  expect(await saidBy({ client_id: id, client_secret: secret }, understood)).toEqual(said);
});
