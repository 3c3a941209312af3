import { isOfPerson, levelOf, lineOf } from './event-lines.ts';
import type { Log } from './log.ts';
import type { OfClient, OfPerson, PersonEvent, Referenced } from './person-events.ts';
import type { Requests, RequestUnderWay } from './request.ts';

/** What the protocol refused: the name of oidc-provider's event. */
export type ProtocolRefusal = `${
  | 'authorization'
  | 'grant'
  | 'revocation'
  | 'introspection'
  | 'registration_create'
  | 'registration_read'
  | 'registration_update'
  | 'registration_delete'
  | 'end_session'
  | 'discovery'
  | 'jwks'}.error`;

interface Document {
  /** What kind of document, and where it is from; never the whole address. */
  readonly document: string;
  readonly host: string;
}

/**
 * Everything that happens here and that somebody may want to know, with the fields each has: the lines of the log are made
 * of it, and an audit trail reads it. Identifiers of clients and connections are public; tokens, codes and secrets are in none
 * (a mail that development prints has its link).
 * What the process says of itself (`start`, `stop`) is not here.
 */
export type Event =
  // The protocol.
  /** Renewed from elsewhere than before; a thief who keeps in step with a tool does so, and so does a person who travels. */
  | ({
      readonly event: 'refresh.moved';
      readonly connection: string;
      readonly changed: 'network' | 'agent' | 'both';
    } & OfPerson)
  | ({ readonly event: 'refresh.alternates'; readonly connection: string } & OfPerson)
  | ({ readonly event: 'registration' } & OfClient)
  | ({ readonly event: 'grant'; readonly grantType: unknown; readonly connection: string | undefined } & OfClient)
  | ({ readonly event: ProtocolRefusal; readonly error: string } & RefusalDetails & OfClient)
  | ({ readonly event: 'server_error'; readonly err: Error & { readonly statusCode?: number } } & OfClient)
  | {
      readonly event: 'registration.normalised';
      readonly client: string;
      readonly dropped: readonly string[];
      readonly changed: readonly string[];
    }
  | { readonly event: 'client.scope'; readonly client: string }
  // Connections.
  | ({ readonly event: 'consent'; readonly connection: string; readonly scopes?: number } & OfPerson)
  /** On whichever page; the account is known from sign-in on. */
  | ({ readonly event: 'consent.declined' } & OfPerson)
  | ({ readonly event: 'organization.chosen' } & OfPerson)
  | ({ readonly event: 'connection.changed'; readonly connection: string; readonly scopes: number } & OfPerson)
  | ({ readonly event: 'connection.renamed'; readonly connection: string } & OfPerson)
  /** By a person, a rule or the operator: `reason`. The client is that of the connection. */
  | ({ readonly event: 'connection.revoked'; readonly connection: string; readonly reason: string } & OfPerson)
  | ({ readonly event: 'role.unknown'; readonly role: string; readonly organization: string } & OfClient)
  /** `account` has the connection, `by` is who ended it. */
  | ({ readonly event: 'administrator.revoked'; readonly connection: string; readonly by: string } & OfPerson)
  | PersonEvent
  // Identity providers. `check`: which one failed, in a word of ours; nothing that was received.
  | ({
      readonly event: 'identity_provider.signed_in';
      readonly provider: string;
      readonly how: 'known' | 'created' | 'linked';
    } & OfPerson)
  | ({
      readonly event: 'identity_provider.refused';
      readonly provider: string | undefined;
      readonly reason: string;
      readonly check: string;
    } & OfPerson)
  | {
      readonly event: 'identity_provider.call';
      readonly provider: string;
      readonly outcome: string;
      readonly seconds: number;
    }
  | ({
      readonly event: 'identity_provider.logout';
      readonly provider: string;
      readonly status: number;
      readonly check?: string;
    } & OfPerson)
  // A console that has the accounts: what it called, and how it answers.
  | ({
      readonly event: 'console.accepted' | 'console.rejected' | 'console.events' | 'console.refused';
      readonly status: number;
    } & OfPerson)
  | {
      readonly event: 'directory.call';
      readonly question: string;
      readonly outcome: string;
      readonly seconds: number;
    }
  | { readonly event: 'directory.breaker'; readonly state: 'closed' | 'open' | 'half-open' }
  | { readonly event: 'directory.unavailable'; readonly question: string; readonly check: string }
  | { readonly event: 'directory.available' }
  // Proxies; the sentence is the whole of what went wrong.
  | { readonly event: 'forward-auth.misconfigured'; readonly sentence: string }
  | { readonly event: 'forward-auth.refused'; readonly code: string; readonly sentence: string }
  // Documents of clients on the web.
  | ({ readonly event: 'client_document.fetch'; readonly status: number; readonly 'cf-mitigated'?: string } & Document)
  | ({ readonly event: 'client_document.error'; readonly reason: string; readonly kind: string } & Document)
  | ({ readonly event: 'client_document.stale'; readonly reason: string; readonly fetchedAt: number } & Document)
  // This server and its store.
  | { readonly event: 'store'; readonly err: Error }
  | { readonly event: 'store.back' | 'clock.back' }
  | { readonly event: 'store.evicts'; readonly policy: string }
  | { readonly event: 'store.evicted'; readonly keys: number; readonly total: number }
  | { readonly event: 'clock'; readonly seconds: number }
  | { readonly event: 'overload'; readonly refused: number }
  | { readonly event: 'keys.lost'; readonly record: string }
  | { readonly event: 'proxy.untrusted'; readonly peer: string }
  | ({ readonly event: 'error'; readonly err: unknown } & Referenced)
  // What our own endpoints and pages refuse, and which check it was.
  | ({ readonly event: 'request.refused'; readonly status: number; readonly detail: string } & Referenced);

interface RefusalDetails {
  readonly description?: string | undefined;
  readonly detail?: string | undefined;
  readonly cause?: string;
  /** Where it is the store's or ours. */
  readonly status?: number;
}

export type EventName = Event['event'];

type EventListener = (event: Event) => void;

export interface Events {
  /** One line of the log, and a call of every listener. */
  emit(event: Event): void;
  /** Whether anybody would notice: what is emitted with every request need not be put together for nobody. */
  isHeard(name: EventName): boolean;
  /** Calls the listener from now on, with these events or with all; returns what ends that. */
  subscribe(listener: EventListener, names?: readonly EventName[]): () => void;
}

export function createEvents(log: Log, currentRequest: Requests['current'] = () => undefined): Events {
  const listeners = new Map<EventListener, readonly EventName[] | undefined>();

  /** With what all events of people have. */
  function complete(event: Event): Event {
    const request = currentRequest();
    if (!request) return event;
    const full = isOfPerson(event.event)
      ? ({ ...event, address: request.address, reference: request.reference } as Event)
      : event;
    note(full, request);
    return full;
  }

  return {
    emit(given) {
      const event = complete(given);
      const { level, sentence } = lineOf(event.event);
      const { sentence: own, ...fields } = event as Event & { readonly sentence?: string };
      log[levelOf(event) ?? level](fields, own ?? sentence);
      for (const [listener, names] of listeners) if (names?.includes(event.event) ?? true) listener(event);
    },
    isHeard: (name) =>
      log.isLevelEnabled(lineOf(name).level) || listeners.values().some((names) => names?.includes(name) ?? true),
    subscribe(listener, names) {
      listeners.set(listener, names);
      return () => void listeners.delete(listener);
    },
  };
}

/** What is only there for whoever looks closer does not tell of an answer: the line that does says which check it was. */
function note(event: Event, request: RequestUnderWay): void {
  const isTelling = (levelOf(event) ?? lineOf(event.event).level) !== 'debug';
  if (!isTelling && 'code' in event) request.check = event.code;
  if (isTelling && 'reference' in event && event.reference !== undefined) request.isTold = true;
}
