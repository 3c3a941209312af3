import { type Clock, systemClock } from '../clock.ts';
import { type Bulkheads, createBulkheads } from './bulkhead.ts';
import { type Content, type Kind, readContent } from './document-content.ts';
import { DocumentError } from './document-errors.ts';
import { hostOf } from './document-hosts.ts';
import { type CacheEntry, decideOnError, freshSecondsOf, keepSecondsOf } from './document-policy.ts';
import { type Network, requestDocument } from './document-request.ts';

/** Where all nodes keep what was fetched. */
export interface DocumentStore {
  read(key: string): Promise<{ readonly value: string } | undefined>;
  write(key: string, value: string, ttlSeconds: number): Promise<void>;
}

/** What happens to a document: what kind it is, and where it is from; never the whole address. */
export type DocumentEvent = { readonly document: string; readonly host: string } & (
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
    /** Where it is noted that somebody approved a client. */
    documentApproval(clientId: string): string;
  };
  readonly network: Network;
  readonly events: DocumentEvents;
  readonly clock?: Clock | undefined;
}

export interface DocumentCache {
  /** A document at most as old as its host allows, or older when its host cannot be reached; throws `DocumentError`. */
  load(wanted: Wanted): Promise<Content>;
}

export interface Wanted {
  readonly url: string;
  readonly kind: Kind;
  /** Whose it is; for its metadata the same URL. */
  readonly clientId: string;
}

interface Revalidation extends Wanted, CacheParts {
  readonly clock: Clock;
  readonly bulkheads: Bulkheads;
  readonly approved: boolean;
  readonly before: CacheEntry | undefined;
}

/** Longer ones are not kept: the next request is answered in full. */
const maxEtagLength = 200;

export function createDocumentCache(parts: CacheParts): DocumentCache {
  const { store, names, clock = systemClock } = parts;
  const bulkheads = createBulkheads();
  const inFlight = new Map<string, Promise<CacheEntry>>();

  async function load(wanted: Wanted): Promise<Content> {
    const key = names.clientDocument(wanted.kind.name, wanted.url);
    const record = await store.read(key);
    const entry: CacheEntry | undefined = record && JSON.parse(record.value);
    const isFresh = entry !== undefined && entry.revalidateAt > clock.seconds();
    return contentOf(isFresh ? entry : await fetchOnce(key, wanted, entry), clock.seconds());
  }

  /** However many requests wait for one document, this process fetches it once. */
  function fetchOnce(key: string, wanted: Wanted, before: CacheEntry | undefined): Promise<CacheEntry> {
    const pending = inFlight.get(key) ?? revalidate(key, wanted, before).finally(() => inFlight.delete(key));
    inFlight.set(key, pending);
    return pending;
  }

  async function revalidate(key: string, wanted: Wanted, before: CacheEntry | undefined): Promise<CacheEntry> {
    const approved = before?.approved || (await store.read(names.documentApproval(wanted.clientId))) !== undefined;
    const revalidation = { ...parts, ...wanted, clock, bulkheads, approved, before };
    const { entry, isToBeKept } = await fetchEntry(revalidation).catch((error) => entryOnError(error, revalidation));
    const seconds = keepSecondsOf(entry, wanted.kind.freshness, clock.seconds());
    if (isToBeKept) await store.write(key, JSON.stringify(entry), seconds);
    return entry;
  }

  return { load };
}

interface Outcome {
  readonly entry: CacheEntry;
  readonly isToBeKept: boolean;
}

async function fetchEntry(revalidation: Revalidation): Promise<Outcome> {
  const { url, kind, network, bulkheads, approved, before, events, clock } = revalidation;
  const found = before?.found;
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
  return { entry: { revalidateAt, approved, found: { content, fetchedAt: now, etag } }, isToBeKept: true };
}

function entryOnError(error: unknown, revalidation: Revalidation): Outcome {
  if (!(error instanceof DocumentError)) throw error;
  const { kind, events, clock } = revalidation;
  const { staleIfError } = kind.freshness;
  const entry = decideOnError(error, { ...revalidation, staleIfError, now: clock.seconds() });
  const line = { ...lineOf(revalidation), reason: error.message };
  events.emit({ event: 'client_document.error', ...line, kind: entry.error?.kind ?? error.kind });
  // Nobody was asked, so there is nothing to remember: that would make others wait longer than the rush lasts.
  const isToBeKept = error.kind !== 'busy';
  const fetchedAt = isToBeKept && entry.found?.fetchedAt;
  if (fetchedAt) events.emit({ event: 'client_document.stale', ...line, fetchedAt });
  return { entry, isToBeKept };
}

function lineOf({ url, kind }: Wanted) {
  return { document: kind.name, host: hostOf(new URL(url)) };
}

function shortEtag(etag: string | undefined): string | undefined {
  return etag !== undefined && etag.length <= maxEtagLength ? etag : undefined;
}

function contentOf({ found, error, revalidateAt }: CacheEntry, now: number): Content {
  if (found) return found.content;
  const { reason = 'unknown', kind = 'transient' } = error ?? {};
  throw new DocumentError(reason, { kind, retryAfterSeconds: Math.max(1, revalidateAt - now) });
}
