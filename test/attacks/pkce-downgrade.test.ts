import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Attacked, startAttacked } from '../support/attacked.ts';
import { type RelyingParty, redirectUri, registerClient } from '../support/relying-party.ts';

/** RFC 9700 §4.8, PKCE downgrade: a request whose challenge was taken out or weakened on the way makes no code at all. */
let here: Attacked;
const tools = {} as Record<'public' | 'confidential', RelyingParty>;
beforeAll(async () => {
  here = await startAttacked();
  tools.public = here.client;
  tools.confidential = await registerClient(here.server.issuer, { token_endpoint_auth_method: 'client_secret_basic' });
});
afterAll(() => here.close());

const weakened: Record<string, Record<string, string | undefined>> = {
  'no challenge': { code_challenge: undefined, code_challenge_method: undefined },
  'a challenge of no method, which means plain': { code_challenge_method: undefined },
  'the method plain': { code_challenge_method: 'plain' },
  'the method S256 in small letters': { code_challenge_method: 's256' },
  'a method without a challenge': { code_challenge: undefined },
  'an empty challenge': { code_challenge: '' },
  'a challenge that is too short': { code_challenge: 'abc' },
};
const table = (['public', 'confidential'] as const).flatMap((kind) =>
  Object.entries(weakened).map(([mistake, parameters]) => ({ kind, mistake, parameters })),
);

describe('an authorization request', () => {
  it.each(table)('of a $kind client with $mistake is refused (RFC 7636 §4.3, OAuth 2.1 §4.1.1)', async (row) => {
    const { url, state } = tools[row.kind].authorizationRequest(row.parameters);

    const rest = await here.changesNothing(() => here.person.browser.open(url.href));

    expect(rest.url.origin + rest.url.pathname).toBe(redirectUri);
    const answer = Object.fromEntries(rest.url.searchParams);
    expect(answer).toMatchObject({ error: 'invalid_request', state, iss: here.server.issuer });
    expect(answer).not.toHaveProperty('code');
  });
});

describe('a verifier that is left out', () => {
  it.each(['public', 'confidential'] as const)('by a %s client redeems no code', async (kind) => {
    const { callback, verifier } = await here.approved(tools[kind]);
    const code = callback.searchParams.get('code') ?? '';
    const request = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };

    const answer = await here.changesNothing(() => askAs(kind, request));

    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await askAs(kind, { ...request, code_verifier: verifier })).toMatchObject({ status: 200 });
  });
});

it('is announced: no client has to guess that a challenge is needed, and of which method', async () => {
  const metadata = await (await fetch(`${here.server.issuer}/.well-known/oauth-authorization-server`)).json();
  expect(metadata).toMatchObject({ code_challenge_methods_supported: ['S256'] });
});

async function askAs(kind: 'public' | 'confidential', parameters: Record<string, string>) {
  const { clientId, clientSecret } = tools[kind];
  const basic = { Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` };
  const body = new URLSearchParams(kind === 'public' ? { ...parameters, client_id: clientId } : parameters);
  const headers: Record<string, string> = kind === 'public' ? {} : basic;
  const response = await fetch(`${here.server.issuer}/oauth/token`, { method: 'POST', headers, body });
  return { status: response.status, ...((await response.json()) as { error?: string }) };
}
