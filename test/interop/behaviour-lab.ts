import { createKeySet } from '@bkend/mcp-gateway';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { redirectUri, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import type { Revision } from './clients.ts';
import { toolCall } from './whoami-by-hand.ts';

export type BehaviourLab = Awaited<ReturnType<typeof startBehaviourLab>>;

/** A server with its demonstration, and a tool by hand that speaks one revision: the first has no resource indicators. */
export async function startBehaviourLab(revision: Revision) {
  const path = revision === '2025-03-26' ? '' : '/mcp';
  const server = await startServer({ demonstration: true, path });
  const { issuer, origin } = server;
  const request: Record<string, string> = revision === '2025-03-26' ? {} : { resource: issuer };

  return {
    issuer,
    origin,
    /** What a request of this revision has beside the others'. */
    request,
    keys: createKeySet({ issuer }),
    metadata: async () => (await fetch(`${origin}/.well-known/oauth-authorization-server`)).json(),
    resourceMetadata: async () => (await fetch(`${origin}/.well-known/oauth-protected-resource${path}`)).json(),

    async post(endpoint: string, body: Record<string, string>, headers: Record<string, string> = {}) {
      const sent = { method: 'POST', headers, body: new URLSearchParams(body) };
      const answer = await fetch(`${issuer}/oauth/${endpoint}`, sent);
      const text = await answer.text();
      return {
        status: answer.status,
        cache: answer.headers.get('cache-control'),
        pragma: answer.headers.get('pragma'),
        challenge: answer.headers.get('www-authenticate'),
        body: (text === '' ? {} : JSON.parse(text)) as Record<string, string>,
      };
    },

    /** A code that somebody approved, and the request that redeems it. */
    async code(metadata: object = {}, parameters: Record<string, string | undefined> = {}) {
      const client = await registerClient(issuer, { ...metadata });
      const { url, verifier } = client.authorizationRequest({ ...request, ...parameters });
      const callback = await createPerson(origin).approves(url);
      const code = callback.searchParams.get('code') ?? '';
      const redemption = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri };
      return { client, callback, request: redemption };
    },

    connected: (scope = '*:*') => connect(server, { request: { ...request, scope } }),

    /** A call of a tool of the MCP server. */
    async call(tool: string, authorization?: string) {
      const { headers, ...rest } = toolCall(revision, tool);
      const credential = authorization !== undefined && { Authorization: authorization };
      const answer = await fetch(issuer, { ...rest, headers: { ...headers, ...credential } });
      const challenge = answer.headers.get('www-authenticate') ?? '';
      return { status: answer.status, challenge, cache: answer.headers.get('cache-control') };
    },

    close: () => server.close(),
  };
}
