import { createHash, randomBytes } from 'node:crypto';
import { Browser } from './browser.ts';
import { type Answer, postForm, send } from './http-client.ts';
import { emailOf, password, scope } from './people.ts';
import type { Ready } from './subjects/serve.ts';

const redirectUri = 'http://127.0.0.1:8765/callback';

/** What an AI tool says of itself; complete, so that no side has defaults to fill in. */
const metadata = JSON.stringify({
  client_name: 'A tool',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  application_type: 'native',
});

export async function registerTool({ register }: Ready): Promise<string> {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await send(register, { method: 'POST', headers, body: metadata });
  return memberOf(answer, 201, 'client_id');
}

/** The whole flow of a person nobody has seen before; the first refresh token. */
export async function connect({ origin, authorize, token, resource }: Ready, clientId: string, person: number) {
  const verifier = randomBytes(32).toString('base64url');
  const request = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'of this flow',
    scope,
    resource,
  });
  const signIn = { email: emailOf(person), password };
  const callback = authorize && (await new Browser(origin).approve(`${authorize}?${request}`, signIn));
  const code = callback ? callback.searchParams.get('code') : 'any';
  if (!code) throw new Error(`no code in ${callback}`);
  const fields = { grant_type: 'authorization_code', redirect_uri: redirectUri, code_verifier: verifier };
  const answer = await postForm(token, { ...fields, code, client_id: clientId, resource });
  return memberOf(answer, 200, 'refresh_token');
}

export async function refresh({ token, resource }: Ready, clientId: string, refreshToken: string): Promise<string> {
  const fields = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId, resource };
  return memberOf(await postForm(token, fields), 200, 'refresh_token');
}

/** An answer that is not the wanted one ends the run: a fast error is no result. */
function memberOf({ status, body }: Answer, wanted: number, name: string): string {
  const value = status === wanted ? JSON.parse(body)[name] : undefined;
  if (typeof value !== 'string') throw new Error(`answered ${status}: ${body}`);
  return value;
}
