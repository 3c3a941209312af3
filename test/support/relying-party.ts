import { createHash, randomBytes } from 'node:crypto';

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & {
    access_token?: string;
    refresh_token?: string;
    scope?: string;
    error?: string;
  };
}

export const redirectUri = 'http://127.0.0.1:8765/callback';

/** An MCP client by hand, for what a library would not let a client do. */
export async function registerClient(issuer: string, metadata: Record<string, unknown> = {}): Promise<RelyingParty> {
  const response = await fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ client_name: 'A tool', redirect_uris: [redirectUri], ...metadata }),
  });
  const registration = (await response.json()) as Record<string, unknown>;
  if (response.status !== 201) throw new Error(`not registered: ${JSON.stringify(registration)}`);
  return relyingParty(issuer, registration);
}

/** The same, of a client that the server knows already. */
export function relyingParty(issuer: string, registration: Record<string, unknown>) {
  const clientId = String(registration.client_id);
  const clientSecret = registration.client_secret as string | undefined;
  const redirect = (registration.redirect_uris as string[])[0] as string;
  const identity = { client_id: clientId, ...(clientSecret && { client_secret: clientSecret }) };

  async function post(endpoint: string, parameters: Record<string, string>): Promise<TokenAnswer> {
    const body = new URLSearchParams({ ...identity, ...parameters });
    const answer = await fetch(`${issuer}/oauth/${endpoint}`, { method: 'POST', body });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
  }

  return {
    clientId,
    clientSecret,
    registration,
    /** With what it says at an endpoint who it is. */
    identity,
    post,
    /** A request of its own, with a fresh verifier and state; `parameters` replace or add, `undefined` removes. */
    authorizationRequest(parameters: Record<string, string | undefined> = {}) {
      const verifier = randomBytes(32).toString('base64url');
      const state = randomBytes(8).toString('base64url');
      const query = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirect,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        state,
        scope: '*:*',
        ...parameters,
      };
      const url = new URL(`${issuer}/oauth/authorize`);
      for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
      return { url, verifier, state };
    },
    exchange(callback: URL, verifier: string, parameters: Record<string, string> = {}) {
      const code = callback.searchParams.get('code') ?? '';
      const request = { grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier };
      return post('token', { ...request, ...parameters });
    },
    refresh: (token: string, parameters: Record<string, string> = {}) =>
      post('token', { grant_type: 'refresh_token', refresh_token: token, ...parameters }),
  };
}

export type RelyingParty = ReturnType<typeof relyingParty>;

/** What a client is answered at its redirect URI, in the query or in the fragment. */
export const answerIn = ({ search, hash }: URL): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(search || hash.slice(1)));
