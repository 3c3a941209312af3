import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { systemClock } from '../../src/clock.ts';
import type { ConsoleResponse } from '../../src/console/index.ts';
import { listening } from '../support/listening.ts';
import { aSigner } from './a-directory-server.ts';
import { theEndpoints } from './endpoints.ts';

const client = { client: 'example-console', secret: 'a secret' };
const credential = `Basic ${Buffer.from('example-console:a%20secret').toString('base64')}`;

/** What a console sees of an authorization server: its endpoints over HTTP, and the keys that sign the questions to it. */
export async function anAuthorizationServer() {
  const { sign, jwks } = await aSigner();
  const http = await listening(async (request, response) => {
    const { status, headers, body } = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  const issuer = `${http.origin}/mcp`;
  const { endpoints, ...caused } = theEndpoints({ clock: systemClock, issuer, credential });
  let redirectTo: string | undefined;

  async function answer(request: IncomingMessage): Promise<ConsoleResponse> {
    const [, , , what, kind, challenge = '', verb] = String(request.url).split('/');
    if (what === 'jwks') return { status: 200, headers: {}, body: jwks };
    const { authorization, 'content-type': contentType } = request.headers;
    const asked = { authorization, contentType, body: await buffer(request), address: '127.0.0.1', challenge };
    if (kind === 'events') return endpoints.receiveEvents(asked);
    if (verb === undefined) return endpoints.describeChallenge(asked);
    const answered = await endpoints[verb === 'accept' ? 'acceptChallenge' : 'rejectChallenge'](asked);
    // What somebody in between, or a server that was taken over, would make of it.
    return redirectTo === undefined ? answered : { ...answered, body: { redirect_to: redirectTo, expires_in: 60 } };
  }

  return {
    ...{ ...client, ...caused, issuer, sign },
    /** What it answers instead of the truth. */
    lie(told: string) {
      redirectTo = told;
    },
    close: () => http[Symbol.asyncDispose](),
  };
}
