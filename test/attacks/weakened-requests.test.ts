import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import { answerIn, redirectUri } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';
import { createVisitor } from '../support/visitor.ts';

const here = shared(startAttacked);
const visitor = shared(() => createVisitor(here.server));
const metadata = async () => (await fetch(`${here.server.issuer}/.well-known/oauth-authorization-server`)).json();

/** RFC 9700 §4.8, PKCE downgrade: a request whose challenge was taken out or weakened on the way makes no code at all. */
const confidential = shared(() => here.registers({ token_endpoint_auth_method: 'client_secret_basic' }));
const tools = { public: () => here.client, confidential: () => confidential };
const kinds = ['public', 'confidential'] as const;
const weakened: Record<string, Record<string, string | undefined>> = {
  'no challenge': { code_challenge: undefined, code_challenge_method: undefined },
  'a challenge of no method, which means plain': { code_challenge_method: undefined },
  'the method plain': { code_challenge_method: 'plain' },
  'the method S256 in small letters': { code_challenge_method: 's256' },
  'a method without a challenge': { code_challenge: undefined },
  'an empty challenge': { code_challenge: '' },
  'a challenge that is too short': { code_challenge: 'abc' },
};
const table = kinds.flatMap((kind) =>
  Object.entries(weakened).map(([mistake, parameters]) => ({ kind, mistake, parameters })),
);

describe('an authorization request', () => {
  it.each(table)('of a $kind client with $mistake is refused (RFC 7636 §4.3, OAuth 2.1 §4.1.1)', async (row) => {
    const { url, state } = await here.opensInVain(row.parameters, tools[row.kind]());

    expect(url.origin + url.pathname).toBe(redirectUri);
    expect(answerIn(url)).toMatchObject({ error: 'invalid_request', state, iss: here.server.issuer });
    expect(answerIn(url)).not.toHaveProperty('code');
  });
});

describe('a verifier that is left out', () => {
  it.each(kinds)('by a %s client redeems no code', async (kind) => {
    const { callback, verifier } = await here.approved(tools[kind]());
    const code = callback.searchParams.get('code') ?? '';
    const request = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };

    const answer = await here.changesNothing(() => askAs(kind, request));

    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await askAs(kind, { ...request, code_verifier: verifier })).toMatchObject({ status: 200 });
  });
});

it('is announced: no client has to guess that a challenge is needed, and of which method', async () => {
  expect(await metadata()).toMatchObject({ code_challenge_methods_supported: ['S256'] });
});

async function askAs(kind: 'public' | 'confidential', parameters: Record<string, string>) {
  const { clientId, clientSecret } = tools[kind]();
  const basic = { Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` };
  const body = new URLSearchParams(kind === 'public' ? { ...parameters, client_id: clientId } : parameters);
  const headers: Record<string, string> = kind === 'public' ? {} : basic;
  const response = await fetch(`${here.server.issuer}/oauth/token`, { method: 'POST', headers, body });
  return { status: response.status, ...((await response.json()) as { error?: string }) };
}

/** RFC 9700 §4.6, access token injection: no token is handed out where a browser, and so an attacker, could put in another. */
describe('a token in the answer of the authorization endpoint', () => {
  it.each(['token', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token', 'none'])(
    'is refused to the response type "%s" (OAuth 2.1 §4.1.1)',
    async (type) => {
      const { url, state } = await here.opensInVain({ response_type: type, scope: 'openid', nonce: 'n' });

      // Response types that would put a token into the answer are answered in the fragment, their refusal too.
      const refusal = { error: 'unsupported_response_type', state, iss: here.server.issuer };
      expect(answerIn(url)).toMatchObject(refusal);
      expect(url.href).not.toMatch(/(access|id)_token=/);
    },
  );

  it('is registered by nobody, and announced to nobody', async () => {
    for (const wanted of [
      { response_types: ['token'], grant_types: ['implicit'] },
      { response_types: ['code', 'code id_token'] },
    ]) {
      const refused = { registration: { response_types: ['code'], grant_types: [] } };
      const { registration } = await here.registers(wanted).catch(() => refused);
      expect(registration.response_types).toEqual(['code']);
      expect(registration.grant_types).not.toContain('implicit');
    }
    expect(await metadata()).toMatchObject({ response_types_supported: ['code'] });
  });
});

describe('a token that somebody brings along', () => {
  it.each<[string, (token: string) => Record<string, string>]>([
    ['password', () => ({ username: 'demo@example.com', password: 'demo-password' })],
    ['implicit', () => ({})],
    [
      'urn:ietf:params:oauth:grant-type:token-exchange',
      (token) => ({ subject_token: token, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
    ],
    ['urn:ietf:params:oauth:grant-type:jwt-bearer', (token) => ({ assertion: token })],
  ])('makes no other one by the grant %s', async (grant_type, brings) => {
    const { access_token: token = '' } = await here.connected();

    const answer = await here.changesNothing(() => here.client.post('token', { grant_type, ...brings(token) }));

    expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
  });
});

/** RFC 9700 §4.17, attacks on in-browser communication flows: no answer is handed from window to window, nor read by another origin. */
describe('an answer', () => {
  it.each(
    ['web_message', 'form_post', 'form_post.jwt', 'query.jwt', 'jwt', 'postmessage'].flatMap((mode) =>
      [undefined, 'none'].map((prompt) => [mode, prompt] as const),
    ),
  )('in the response mode %s is refused, with the prompt %s', async (mode, prompt) => {
    const { status, url, html } = await here.opensInVain({ response_mode: mode, prompt });

    const error = url.searchParams.get('error') ?? '';
    expect(status === 400 ? 'a page' : error).toMatch(/^(a page|unsupported_response_mode)$/);
    expect(html).not.toMatch(/<script|postMessage|onload/i);
    expect(url.searchParams.has('code')).toBe(false);
  });

  it('in another one is announced to nobody', async () => {
    expect(await metadata()).toMatchObject({ response_modes_supported: ['query', 'fragment'] });
  });
});

describe('another origin', () => {
  it('is sent nothing by a page of the flow: none runs a script, and none may be framed', async () => {
    for (const { headers, html } of Object.values((await visitor.goesThrough()).pages)) {
      expect(html).not.toMatch(/<script|postMessage|window\.opener|<iframe/i);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(policy).not.toContain('script-src');
    }
  });

  it.each(['GET', 'POST', 'OPTIONS'])('reads no page and no answer, asked with %s', async (method) => {
    const { page } = await visitor.reachesSignIn();
    const { url } = here.client.authorizationRequest({ prompt: 'none' });
    for (const href of [page.url.href, url.href]) {
      const headers = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'GET' };
      const answer = await here.changesNothing(() => fetch(href, { method, headers, redirect: 'manual' }));
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-allow'))).toEqual([]);
    }
  });
});
