import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createClock } from '../../src/clock.ts';
import {
  type ConsoleAuditEvent,
  type ConsoleResponse,
  createChallenges,
  createConsoleEndpoints,
  createReceiveEvents,
  signInUrl,
} from '../../src/console/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { listening } from '../support/listening.ts';
import { aSigner } from './a-directory-server.ts';
import { aRevocation, asked } from './endpoints.ts';
import { aStorage } from './storage.ts';

export const server = { client: 'example-console', secret: 'a secret' };
const credential = `Basic ${Buffer.from('example-console:a%20secret').toString('base64')}`;

/** What a tool asks of the sign-in. */
export interface Rules {
  readonly prompt?: 'login' | 'select_account';
  readonly max_age?: number;
}

/** An authorization server without authorizations: the hand-off over HTTP, with the cookie of an interaction, and keys. */
export async function anAuthorizationServer() {
  let ahead = 0;
  const clock = createClock(() => Date.now() + ahead * 1000);
  const storage = aStorage(createSqliteStore(':memory:', clock));
  const challenges = createChallenges(storage, clock);
  const signer = await aSigner();
  const audit: ConsoleAuditEvent[] = [];
  const ended: string[] = [];
  const here = { signIn: '', redirectTo: undefined as string | undefined };
  const revocation = aRevocation(ended);

  const http = await listening(async (request, response) => {
    const failed = (error: unknown) => ({ status: 500, headers: {}, body: String(error) });
    const { status, headers, body } = await answer(request).catch(failed);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  const { origin } = http;
  const issuer = `${origin}/mcp`;
  const endpoints = createConsoleEndpoints({
    issuer,
    challenges,
    receiveEvents: createReceiveEvents({ storage, revocation }),
    clock,
    findConsole: async ({ authorization }) => (authorization === credential ? 'example-console' : undefined),
    onAudit: (event) => audit.push(event),
  });

  async function answer(request: IncomingMessage): Promise<ConsoleResponse> {
    const { pathname, searchParams } = new URL(request.url ?? '', origin);
    const [, , kind = '', ...rest] = pathname.slice(1).split('/');
    if (kind === 'jwks') return { status: 200, headers: {}, body: signer.jwks };
    return kind === 'interaction' ? interaction(request, rest, searchParams) : directory(request, rest);
  }

  async function directory(request: IncomingMessage, [what, challenge = '', verb = '']: string[]) {
    const { authorization, 'content-type': contentType } = request.headers;
    const asked = { authorization, contentType, body: await buffer(request), address: '127.0.0.1', challenge };
    if (what === 'events') return endpoints.receiveEvents(asked);
    if (verb === '') return endpoints.describeChallenge(asked);
    const answered = await (verb === 'accept' ? endpoints.acceptChallenge : endpoints.rejectChallenge)(asked);
    // What somebody in between, or a server that was taken over, would make of it.
    if (here.redirectTo === undefined || answered.status !== 200) return answered;
    return { ...answered, body: { redirect_to: here.redirectTo, expires_in: 60 } };
  }

  /** `/{uid}` sends to the console, `/{uid}/return` takes the ticket, `/{uid}/done` says who it is. */
  async function interaction(request: IncomingMessage, [uid = '', step]: string[], query: URLSearchParams) {
    const known = waiting.get(uid);
    if (!known) return refuse(404, 'no such interaction');
    if (step === 'done') return { status: 200, headers: {}, body: known.result ?? {} };
    if (step !== 'return') return sendToConsole(uid, known);
    const holdsCookie = request.headers.cookie?.includes(`interaction-${uid}=1`);
    return takeTicket(uid, known, holdsCookie ? query.get('ticket') : null);
  }

  /** The cookie and the ticket: one without the other does nothing, and does not use the ticket up. */
  async function takeTicket(uid: string, known: Known, ticket: string | null) {
    const redeemed = ticket === null ? undefined : await challenges.redeem(ticket, uid);
    if (!redeemed) return refuse(400, 'not yours');
    if (!redeemed.isRecent) return refuse(403, 'stale');
    known.result = redeemed;
    return { status: 303, headers: { location: `/mcp/oauth/interaction/${uid}/done` }, body: '' };
  }

  async function sendToConsole(interactionUid: string, { rules }: Known) {
    const request = { interactionUid, lifetimeSeconds: 600, asked: { ...asked, ...rules } };
    const challenge = await challenges.create(request);
    const location = signInUrl(here.signIn, challenge, { prompt: rules.prompt, maxAge: rules.max_age });
    const cookie = `interaction-${interactionUid}=1; Path=/mcp/oauth/interaction/${interactionUid}; HttpOnly`;
    return { status: 303, headers: { location, 'set-cookie': cookie }, body: '' };
  }

  const waiting = new Map<string, Known>();
  return {
    ...{ ...server, origin, issuer, sign: signer.sign, audit, ended, challenges },
    /** Here, not at the console. */
    pass(seconds: number) {
      ahead += seconds;
    },
    /** Where people sign in. */
    use(signIn: string) {
      here.signIn = signIn;
    },
    /** What it answers instead of the truth. */
    lie(redirectTo: string) {
      here.redirectTo = redirectTo;
    },
    /** An authorization that waits; the URL that a tool's browser comes to. */
    begin(uid: string, rules: Rules = {}): string {
      waiting.set(uid, { rules });
      return `${issuer}/oauth/interaction/${uid}`;
    },
    async close() {
      await http[Symbol.asyncDispose]();
      await storage.store.close();
    },
  };
}

interface Known {
  readonly rules: Rules;
  result?: unknown;
}

function refuse(status: number, error: string): ConsoleResponse {
  return { status, headers: {}, body: { error } };
}
