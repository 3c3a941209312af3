import { type Content, type Kind, readContent } from './document-content.ts';
import { DocumentFault } from './document-fault.ts';
import { freshSecondsOf } from './document-freshness.ts';
import { hostOf } from './document-hosts.ts';
import { shortEtag } from './document-limits.ts';
import { type Network, requestDocument } from './document-request.ts';
import { createTraffic, type Traffic } from './document-turns.ts';
import { judge, type Kept } from './document-verdict.ts';

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
  readonly keys: {
    clientDocument(kind: Kind['name'], url: string): string;
    /** Where it is noted that somebody approved a client. */
    documentApproval(clientId: string): string;
  };
  readonly network: Network;
  readonly log: DocumentLog;
}

export interface DocumentCache {
  /** A document at most as old as its host allows, or older when its host cannot be reached; throws `DocumentFault`. */
  load(wanted: Wanted): Promise<Content>;
}

export interface Wanted {
  readonly url: string;
  readonly kind: Kind;
  /** Whose it is; for its metadata the same URL. */
  readonly clientId: string;
}

interface Look extends Wanted, CacheParts {
  readonly traffic: Traffic;
  readonly approved: boolean;
  readonly before: Kept | undefined;
}

export function createDocumentCache(parts: CacheParts): DocumentCache {
  const { store, keys } = parts;
  const traffic = createTraffic();
  const flights = new Map<string, Promise<Kept>>();

  async function load(wanted: Wanted): Promise<Content> {
    const key = keys.clientDocument(wanted.kind.name, wanted.url);
    const record = await store.read(key);
    const kept: Kept | undefined = record && JSON.parse(record.value);
    return contentOf(kept && kept.lookAgainAt > now() ? kept : await joinFlight(key, wanted, kept));
  }

  /** However many requests wait for one document, this process fetches it once. */
  function joinFlight(key: string, wanted: Wanted, before: Kept | undefined): Promise<Kept> {
    const flying = flights.get(key);
    if (flying) return flying;
    const flight = fly(key, wanted, before).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }

  async function fly(key: string, wanted: Wanted, before: Kept | undefined): Promise<Kept> {
    const approved = before?.approved || (await store.read(keys.documentApproval(wanted.clientId))) !== undefined;
    const { kept, isNews } = await look({ ...parts, ...wanted, traffic, approved, before });
    if (isNews) await store.write(key, JSON.stringify(kept), lifetimeOf(kept, wanted.kind));
    return kept;
  }

  return { load };
}

async function look(from: Look): Promise<{ kept: Kept; isNews: boolean }> {
  const { url, kind, approved, before, log } = from;
  try {
    return { kept: await fetchContent(from), isNews: true };
  } catch (fault) {
    if (!(fault instanceof DocumentFault)) throw fault;
    const kept = judge(fault, { approved, before, staleSeconds: kind.staleSeconds, now: now() });
    const line = { ...lineOf(url, kind), reason: fault.message };
    log.debug({ event: 'client_document.fault', ...line, fault: kept.fault?.kind ?? fault.kind }, 'not usable');
    // Nobody was asked, so there is nothing to remember: that would make others wait longer than the rush lasts.
    const isNews = fault.kind !== 'busy';
    const fetchedAt = isNews && kept.found?.fetchedAt;
    if (fetchedAt) log.warn({ event: 'client_document.stale', ...line, fetchedAt }, 'an old document stands in');
    return { kept, isNews };
  }
}

async function fetchContent({ url, kind, network, traffic, approved, before, log }: Look): Promise<Kept> {
  const found = before?.found;
  const answer = await requestDocument(url, { network, traffic, etag: found?.etag });
  const { status, headers } = answer;
  const challenge = headers['cf-mitigated'];
  const line = { ...lineOf(url, kind), status, ...(challenge && { 'cf-mitigated': challenge }) };
  log.debug({ event: 'client_document.fetch', ...line }, 'fetched');
  const unchanged = status === 304 ? found : undefined;
  return {
    lookAgainAt: now() + freshSecondsOf(headers, kind.fresh),
    approved,
    found: {
      content: unchanged?.content ?? readContent(answer, url, kind),
      fetchedAt: now(),
      etag: shortEtag(headers.etag) ?? unchanged?.etag,
    },
  };
}

function lineOf(url: string, { name }: Kind) {
  return { document: name, host: hostOf(new URL(url)) };
}

/** Until somebody approved its client a document stays as long as it is fresh: anybody can make us fetch one (R86). */
function lifetimeOf({ approved, found, lookAgainAt }: Kept, { staleSeconds }: Kind): number {
  return (approved ? (found?.fetchedAt ?? now()) + staleSeconds : lookAgainAt) - now();
}

function contentOf({ found, fault, lookAgainAt }: Kept): Content {
  if (found) return found.content;
  const { reason = 'unknown', kind = 'passing' } = fault ?? {};
  throw new DocumentFault(reason, { kind, retryAfterSeconds: Math.max(1, lookAgainAt - now()) });
}

function now() {
  return Math.floor(Date.now() / 1000);
}
