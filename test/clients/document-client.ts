import { createHash, randomBytes } from 'node:crypto';
import type { TokenAnswer } from '../support/relying-party.ts';

export interface DocumentClient {
  authorizationRequest(): { url: URL; verifier: string };
  exchange(callback: URL, verifier: string, parameters?: Record<string, string>): Promise<TokenAnswer>;
  refresh(refreshToken: string, parameters?: Record<string, string>): Promise<TokenAnswer>;
}

/** A client that is described by a document at its id; nothing of it is registered. */
export function documentClient(issuer: string, clientId: string, redirectUri: string): DocumentClient {
  async function post(parameters: Record<string, string>): Promise<TokenAnswer> {
    const body = new URLSearchParams({ client_id: clientId, ...parameters });
    const answer = await fetch(`${issuer}/oauth/token`, { method: 'POST', body });
    return { status: answer.status, headers: answer.headers, body: await answer.json() } as TokenAnswer;
  }

  return {
    authorizationRequest() {
      const verifier = randomBytes(32).toString('base64url');
      const url = new URL(`${issuer}/oauth/authorize`);
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        scope: 'project:read',
      }).toString();
      return { url, verifier };
    },
    exchange(callback, verifier, parameters = {}) {
      const code = callback.searchParams.get('code') ?? '';
      const request = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
      return post({ ...request, ...parameters });
    },
    refresh: (token, parameters = {}) => post({ grant_type: 'refresh_token', refresh_token: token, ...parameters }),
  };
}
