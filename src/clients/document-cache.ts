import { hostOf } from '@bkend/mcp-gateway/vocabulary';
import type { Clock } from '../clock.ts';
import { type Bulkheads, createBulkheads } from './bulkhead.ts';
import { type Content, type Kind, readContent } from './document-content.ts';
import { DocumentError } from './document-errors.ts';
import {
  type CacheEntry,
  decideOnError,
  type Found,
  freshSecondsOf,
  keepSecondsOf,
  shortEtag,
} from './document-policy.ts';
import { type Network, requestDocument } from './document-request.ts';
import { createFailureLimit, type FailureLimit } from './failure-limit.ts';
import { isRegisteredClientId } from './registration.ts';

/** Where all nodes keep what was fetched. */
interface DocumentStore {
  read(key: string): Promise<{ readonly value: string } | undefined>;
  write(key: string, value: string, ttlSeconds: number): Promise<void>;
}

/** What happens to a document: what kind it is, and where it is from; never the whole address. */
type DocumentEvent = { readonly document: string; readonly host: string } & (
  | { readonly event: 'client_document.fetch'; readonly status: number; readonly 'cf-mitigated'?: string }
  | { readonly event: 'client_document.error'; readonly reason: string; readonly kind: string }
  | { readonly event: 'client_document.stale'; readonly reason: string; readonly fetchedAt: number }
);

export interface DocumentEvents {
  emit(event: DocumentEvent): void;
}

export interface CacheParts {
  readonly store: DocumentStore;
  readonly names: {
    clientDocument(kind: Kind['name'], url: string): string;
    /** Where it is noted that somebody approved a client: one with a document, one that registered. */
    documentApproval(clientId: string): string;
    registrationUse(clientId: string): string;
  };
  readonly network: Network;
  readonly events: DocumentEvents;
  readonly clock: Clock;
  /** A document was kept that was not there before, of a client that nobody has approved. */
  readonly onFirstKept?: ((key: string, clientId: string) => Promise<void>) | undefined;
}

export interface DocumentCache {
  /** A document at most as old as its host allows, or older when its host cannot be reached; throws `DocumentError`. */
  load(wanted: Wanted): Promise<Content>;
}

interface Wanted {
  readonly url: string;
  readonly kind: Kind;
  /** Whose it is; for its metadata the same URL. */
  readonly clientId: string;
}

interface Revalidation extends Wanted, CacheParts {
  readonly bulkheads: Bulkheads;
  readonly failures: FailureLimit;
  readonly approved: boolean;
  readonly before: CacheEntry | undefined;
}

export function createDocumentCache(parts: CacheParts): DocumentCache {
  const { store, names, clock } = parts;
  const shared = { ...parts, bulkheads: createBulkheads(), failures: createFailureLimit(clock) };
  const inFlight = new Map<string, Promise<Found>>();

  async function load(wanted: Wanted): Promise<Content> {
    const key = names.clientDocument(wanted.kind.name, wanted.url);
    const record = await store.read(key);
    const entry: CacheEntry | undefined = record && JSON.parse(record.value);
    const fresh = entry && entry.revalidateAt > clock.seconds() ? entry.found : undefined;
    return (fresh ?? (await fetchOnce(key, wanted, entry))).content;
  }

  /** However many requests wait for one document, this process fetches it once. */
  function fetchOnce(key: string, wanted: Wanted, before: CacheEntry | undefined): Promise<Found> {
    const pending = inFlight.get(key) ?? revalidate(key, wanted, before).finally(() => inFlight.delete(key));
    inFlight.set(key, pending);
    return pending;
  }

  async function revalidate(key: string, wanted: Wanted, before: CacheEntry | undefined): Promise<Found> {
    const approved = before?.approved || (await store.read(approvalOf(wanted.clientId))) !== undefined;
    const revalidation = { ...shared, ...wanted, approved, before };
    const { entry, error } = await fetchEntry(revalidation).catch((thrown) => entryOnError(thrown, revalidation));
    // Nobody was asked: then there is nothing to keep, which would make others wait longer than the rush lasts.
    if (entry && error?.kind !== 'busy') await keep(key, revalidation, entry);
    if (entry?.found) return entry.found;
    throw error;
  }

  const approvalOf = (clientId: string) =>
    isRegisteredClientId(clientId) ? names.registrationUse(clientId) : names.documentApproval(clientId);

  async function keep(key: string, { kind, clientId, approved, before }: Revalidation, entry: CacheEntry) {
    const seconds = keepSecondsOf(entry, kind.freshness, clock.seconds());
    if (!seconds) return;
    await store.write(key, JSON.stringify(entry), seconds);
    if (!before && !approved) await parts.onFirstKept?.(key, clientId);
  }

  return { load };
}

interface Outcome {
  readonly entry: CacheEntry | undefined;
  /** Why there is no document, or an old one. */
  readonly error?: DocumentError;
}

async function fetchEntry(revalidation: Revalidation): Promise<Outcome> {
  const { url, kind, network, bulkheads, failures, approved, before, events, clock } = revalidation;
  const found = before?.found;
  // Clients that are approved, or whose document is held, skip the failure limit.
  if (!approved && !found) failures.admit(hostOf(new URL(url)));
  const answer = await requestDocument(url, { network, bulkheads, etag: found?.etag });
  const { status, headers } = answer;
  const challenge = headers['cf-mitigated'];
  const line = { ...lineOf(revalidation), status, ...(challenge && { 'cf-mitigated': String(challenge) }) };
  events.emit({ event: 'client_document.fetch', ...line });
  const unchanged = status === 304 ? found : undefined;
  const content = unchanged?.content ?? readContent(answer, url, kind);
  const now = clock.seconds();
  const etag = shortEtag(headers.etag) ?? unchanged?.etag;
  const revalidateAt = now + freshSecondsOf(headers, kind.freshness, now);
  return { entry: { revalidateAt, approved, found: { content, fetchedAt: now, etag } } };
}

function entryOnError(thrown: unknown, revalidation: Revalidation): Outcome {
  if (!(thrown instanceof DocumentError)) throw thrown;
  const { kind: document, events, failures, clock } = revalidation;
  const { staleIfError } = document.freshness;
  const { kind, entry } = decideOnError(thrown, { ...revalidation, staleIfError, now: clock.seconds() });
  const line = { ...lineOf(revalidation), reason: thrown.message };
  events.emit({ event: 'client_document.error', ...line, kind });
  if (thrown.kind === 'busy') return { entry, error: thrown };
  failures.note(line.host);
  if (entry?.found) events.emit({ event: 'client_document.stale', ...line, fetchedAt: entry.found.fetchedAt });
  const { retryAfterSeconds } = thrown;
  return { entry, error: new DocumentError(thrown.message, { kind, retryAfterSeconds, cause: thrown }) };
}

function lineOf({ url, kind }: Wanted) {
  return { document: kind.name, host: hostOf(new URL(url)) };
}
