import { type Content, type Kind, readContent } from './document-content.ts';
import { DocumentFault, faultSeconds, temporaryFault } from './document-fault.ts';
import { freshSecondsOf } from './document-freshness.ts';
import { hostOf } from './document-hosts.ts';
import { type Network, requestDocument } from './document-request.ts';

/** Where all nodes keep what was fetched. */
export interface DocumentStore {
  read(key: string): Promise<{ readonly value: string } | undefined>;
  write(key: string, value: string, ttlSeconds: number): Promise<void>;
}

export interface DocumentLog {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface CacheParts {
  readonly store: DocumentStore;
  /** The key of a document that is named by its kind and its URL. */
  readonly keys: { clientDocument(name: string): string };
  readonly network: Network;
  readonly log: DocumentLog;
}

export interface DocumentCache {
  /** A document at most as old as its host allows, or older when its host cannot be reached; throws `DocumentFault`. */
  load(url: string, kind: Kind): Promise<Content>;
}

/** What the last look brought, and when to look again. Times are seconds since the epoch. */
interface Kept {
  readonly lookAgainAt: number;
  readonly found?: Found;
  /** Why there is nothing to stand in. */
  readonly fault?: { readonly reason: string; readonly permanent: boolean };
}

interface Found {
  readonly content: Content;
  readonly fetchedAt: number;
  readonly etag?: string | undefined;
}

/** Each costs a socket for up to three seconds, and whoever sends authorization requests decides how many. */
const maxFlights = 64;

export function createDocumentCache(parts: CacheParts): DocumentCache {
  const flights = new Map<string, Promise<Kept>>();

  async function load(url: string, kind: Kind): Promise<Content> {
    const key = parts.keys.clientDocument(`${kind.name} ${url}`);
    const record = await parts.store.read(key);
    const kept: Kept | undefined = record && JSON.parse(record.value);
    return contentOf(kept && kept.lookAgainAt > now() ? kept : await joinFlight(key, url, kind, kept?.found));
  }

  /** However many requests wait for one document, this process fetches it once. */
  async function joinFlight(key: string, url: string, kind: Kind, before: Found | undefined): Promise<Kept> {
    const flying = flights.get(key);
    if (flying) return flying;
    if (flights.size >= maxFlights && before) return { lookAgainAt: now(), found: before };
    if (flights.size >= maxFlights) throw temporaryFault('too many documents are being fetched');
    const flight = fly(key, url, kind, before).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }

  async function fly(key: string, url: string, kind: Kind, before: Found | undefined): Promise<Kept> {
    const kept = await look(url, kind, before, parts);
    await parts.store.write(key, JSON.stringify(kept), lifetimeOf(kept, kind));
    return kept;
  }

  return { load };
}

async function look(url: string, kind: Kind, before: Found | undefined, parts: CacheParts): Promise<Kept> {
  try {
    return await fetchContent(url, kind, before, parts);
  } catch (error) {
    if (!(error instanceof DocumentFault)) throw error;
    return standIn(error, url, kind, before, parts.log);
  }
}

async function fetchContent(url: string, kind: Kind, before: Found | undefined, { network, log }: CacheParts) {
  const answer = await requestDocument(url, { network, etag: before?.etag });
  const { status, headers } = answer;
  const challenge = headers['cf-mitigated'];
  const line = { ...lineOf(url, kind), status, ...(challenge && { 'cf-mitigated': challenge }) };
  log.debug({ event: 'client_document.fetch', ...line }, 'fetched');
  const unchanged = status === 304 ? before : undefined;
  return {
    lookAgainAt: now() + freshSecondsOf(headers, kind.fresh),
    found: {
      content: unchanged?.content ?? readContent(answer, url, kind),
      fetchedAt: now(),
      etag: headers.etag ?? unchanged?.etag,
    },
  };
}

function standIn(
  { message: reason, permanent }: DocumentFault,
  url: string,
  kind: Kind,
  found: Found | undefined,
  log: DocumentLog,
): Kept {
  const lookAgainAt = now() + faultSeconds;
  const line = { ...lineOf(url, kind), reason };
  log.debug({ event: 'client_document.fault', ...line, permanent }, 'not usable');
  if (permanent || !found) return { lookAgainAt, fault: { reason, permanent } };
  log.warn({ event: 'client_document.stale', ...line, fetchedAt: found.fetchedAt }, 'an old document stands in');
  return { lookAgainAt, found };
}

function lineOf(url: string, { name }: Kind) {
  return { document: name, host: hostOf(new URL(url)) };
}

/** A document stays as long as it may stand in, a fault as long as it holds. */
function lifetimeOf({ found, lookAgainAt }: Kept, { staleSeconds }: Kind): number {
  return (found ? found.fetchedAt + staleSeconds : lookAgainAt) - now();
}

function contentOf({ found, fault, lookAgainAt }: Kept): Content {
  if (found) return found.content;
  const { reason = 'unknown', permanent = false } = fault ?? {};
  throw new DocumentFault(reason, { permanent, retryAfterSeconds: Math.max(1, lookAgainAt - now()) });
}

function now() {
  return Math.floor(Date.now() / 1000);
}
