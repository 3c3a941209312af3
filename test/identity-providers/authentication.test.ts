import { expect, it } from '@jest/globals';
import type { ClientAuth } from 'openid-client';
import { createAuthentication } from '../../src/identity-providers/authentication.ts';

type Written = Parameters<ClientAuth>;

/** What the provider reads of this client. */
async function saidBy(client: { client_id: string; client_secret: string }, understood?: readonly string[]) {
  const [body, headers] = [new URLSearchParams(), new Headers()];
  const authentication = await createAuthentication(client, understood);
  authentication({} as Written[0], client as Written[1], body, headers);
  const [, basic] = headers.get('authorization')?.split(' ') ?? [];
  return basic === undefined ? Object.fromEntries(body) : Buffer.from(basic, 'base64').toString();
}

const both = ['client_secret_basic', 'client_secret_post'];

it.each<[string, string, string, readonly string[] | undefined, unknown]>([
  ['as it is, where nothing needs an encoding', 'mcp-auth', 'GOCSPX-a_b.c', both, 'mcp-auth:GOCSPX-a_b.c'],
  [
    'in the body, where providers read it in two ways',
    'mcp',
    'a+b/c=',
    both,
    { client_id: 'mcp', client_secret: 'a+b/c=' },
  ],
  ['encoded, where it is the only way (RFC 6749 §2.3.1)', 'mcp', 'a+b c:', ['client_secret_basic'], 'mcp:a%2Bb+c%3A'],
  ['encoded, where the provider does not say', 'https://mcp', 'a', undefined, 'https%3A%2F%2Fmcp:a'],
  [
    'in the body, where that is the only way',
    'mcp',
    'a',
    ['client_secret_post'],
    { client_id: 'mcp', client_secret: 'a' },
  ],
])('a secret is said %s', async (_name, id, secret, understood, said) => {
  expect(await saidBy({ client_id: id, client_secret: secret }, understood)).toEqual(said);
});
