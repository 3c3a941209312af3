import type { Clock } from '../clock.ts';
import { isInFuture } from './auth-time.ts';
import { type Answer, type Challenges, ticketTtlSeconds } from './challenges.ts';
import type { ReceiveEvents } from './events.ts';
import {
  type ConsoleResponse,
  challengeRefused,
  invalid,
  limited,
  notAnnouncedAsJson,
  notJson,
  respond,
  tooLarge,
  unauthenticated,
} from './responses.ts';
import { acceptSchema, eventsSchema, maxEvents, rejectSchema } from './schemas.ts';
import { type MemberError, validate } from './validation.ts';

export type { ConsoleResponse } from './responses.ts';

/** What the handlers need to know of a request; whoever serves them reads it, up to `maxBodyBytes` and one more. */
export interface ConsoleRequest {
  /** The value of `Authorization`. */
  readonly authorization?: string | undefined;
  readonly contentType?: string | undefined;
  readonly body: Uint8Array;
  /** Of the console's server, for the audit trail. */
  readonly address: string;
  /** `{login_challenge}` of the path. */
  readonly challenge: string;
}

type Handler = (request: ConsoleRequest) => Promise<ConsoleResponse>;

/** One table row each: `GET …/challenges/{}`, `POST …/{}/accept`, `POST …/{}/reject`, `POST …/directory/events`. */
export interface ConsoleEndpoints {
  readonly describeChallenge: Handler;
  readonly acceptChallenge: Handler;
  readonly rejectChallenge: Handler;
  readonly receiveEvents: Handler;
}

export interface ConsoleAuditEvent {
  readonly event: 'console.accepted' | 'console.rejected' | 'console.events' | 'console.refused';
  readonly address: string;
  readonly status: number;
  readonly accountId?: string;
}

interface EndpointParts {
  readonly issuer: string;
  readonly challenges: Challenges;
  readonly receiveEvents: ReceiveEvents;
  readonly clock: Clock;
  /** Which client of `directory.client` it is, by `client_secret_basic` or `private_key_jwt`; nothing for anybody else. */
  readonly findConsole: (request: ConsoleRequest) => Promise<string | undefined>;
  /** Counts one request of this client; seconds to wait when it makes too many. */
  readonly findDelay?: (client: string) => Promise<number | undefined>;
  readonly onAudit?: (event: ConsoleAuditEvent) => void;
}

/** A challenge is answered with at most 64 KiB; a thousand events with identifiers of full length fit into 1 MiB. */
export const maxBodyBytes = { answer: 64 * 1024, events: 1024 * 1024 } as const;

export function createConsoleEndpoints(parts: EndpointParts): ConsoleEndpoints {
  const { challenges, clock, onAudit } = parts;

  function forConsole(maxBytes: number, handle: (request: ConsoleRequest, body: unknown) => Promise<Handled>): Handler {
    return async (request) => {
      const handled = (await refuse(request, maxBytes)) ?? (await understand(request, handle));
      const { response, event, accountId } = 'response' in handled ? handled : { response: handled };
      const audited = { event: event ?? 'console.refused', address: request.address, status: response.status };
      onAudit?.({ ...audited, ...(accountId !== undefined && { accountId }) });
      return response;
    };
  }

  /** Who asks comes first: a stranger learns nothing about the body, nor whether the challenge is one. */
  async function refuse(request: ConsoleRequest, maxBytes: number): Promise<ConsoleResponse | undefined> {
    const client = await parts.findConsole(request);
    if (client === undefined) return unauthenticated;
    // Each by itself: whoever stole one of two credentials must not silence the other.
    const delay = await parts.findDelay?.(client);
    if (delay !== undefined) return limited(delay);
    if (request.body.length > maxBytes) return tooLarge(maxBytes);
    return /^application\/json\s*(;|$)/i.test(request.contentType ?? '') ? undefined : notAnnouncedAsJson;
  }

  async function answer({ challenge }: ConsoleRequest, answer: Answer): Promise<ConsoleResponse> {
    const ticket = await challenges.answer(challenge, answer);
    if (typeof ticket === 'string') return challengeRefused(ticket);
    const url = `${parts.issuer.replace(/\/$/, '')}/oauth/interaction/${ticket.interactionUid}/return`;
    return respond(200, { redirect_to: `${url}?ticket=${ticket.ticket}`, expires_in: ticketTtlSeconds });
  }

  async function accept(request: ConsoleRequest, body: unknown): Promise<Handled> {
    const answered = validate(acceptSchema, body);
    if (!answered.ok) return invalid(answered.errors);
    if (isInFuture(answered.value.auth_time, clock.seconds())) return invalid([authTimeInFuture]);
    const response = await answer(request, { kind: 'accepted', body: answered.value });
    return { response, event: eventOf(response, 'console.accepted'), accountId: answered.value.account.id };
  }

  async function reject(request: ConsoleRequest, body: unknown): Promise<Handled> {
    const answered = validate(rejectSchema, body);
    if (!answered.ok) return invalid(answered.errors);
    const response = await answer(request, { kind: 'rejected', body: answered.value });
    return { response, event: eventOf(response, 'console.rejected') };
  }

  async function receiveEvents(_request: ConsoleRequest, body: unknown): Promise<Handled> {
    // Before anything is looked at: a million wrong ones would make a million errors.
    if (Array.isArray(body) && body.length > maxEvents) return invalid([tooManyEvents]);
    const events = validate(eventsSchema, body);
    if (!events.ok) return invalid(events.errors);
    return { response: respond(200, await parts.receiveEvents(events.value)), event: 'console.events' };
  }

  async function describeChallenge({ challenge }: ConsoleRequest): Promise<ConsoleResponse> {
    const description = await challenges.describe(challenge);
    return typeof description === 'string' ? challengeRefused(description) : respond(200, description);
  }

  return {
    describeChallenge,
    acceptChallenge: forConsole(maxBodyBytes.answer, accept),
    rejectChallenge: forConsole(maxBodyBytes.answer, reject),
    receiveEvents: forConsole(maxBodyBytes.events, receiveEvents),
  };
}

interface Audited {
  readonly response: ConsoleResponse;
  readonly event?: ConsoleAuditEvent['event'];
  readonly accountId?: string;
}

type Handled = ConsoleResponse | Audited;

function understand(request: ConsoleRequest, handle: (request: ConsoleRequest, body: unknown) => Promise<Handled>) {
  const parsed = parseJson(request.body);
  return parsed ? handle(request, parsed.value) : notJson;
}

const authTimeInFuture: MemberError = {
  path: 'auth_time',
  sentence: 'lies in the future: is the clock of the console right?',
};
const tooManyEvents: MemberError = { path: '', sentence: `must be at most ${maxEvents} events` };

function eventOf({ status }: ConsoleResponse, event: ConsoleAuditEvent['event']): ConsoleAuditEvent['event'] {
  return status === 200 ? event : 'console.refused';
}

function parseJson(body: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    return undefined;
  }
}
