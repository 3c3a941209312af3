import type { Content } from './document-content.ts';
import type { DocumentError } from './document-errors.ts';

/** How old a document of a kind may become. */
export interface Freshness {
  /** Seconds between two requests for the same document, whatever its host says. */
  readonly min: number;
  readonly max: number;
  /** Seconds after the last success during which it is served where it cannot be fetched (RFC 5861 §4). */
  readonly staleIfError: number;
}

export const metadataFreshness: Freshness = {
  min: 300,
  max: 86_400,
  // As long as a refresh token: whoever is connected survives any outage of the tool's host.
  staleIfError: 2_592_000,
};

/** A key that was withdrawn is refused this soon, a new one known this soon. */
export const keysFreshness: Freshness = { min: 60, max: 900, staleIfError: 86_400 };

/** What the last request brought, and when to make the next. Times are seconds since the epoch. */
export interface CacheEntry {
  readonly revalidateAt: number;
  /** Somebody approved the client: an error that may pass must not end their connection. */
  readonly approved: boolean;
  readonly found?: Found | undefined;
  /** Since when each request was answered by "there is none". */
  readonly goneSince?: number | undefined;
}

export interface Found {
  readonly content: Content;
  readonly fetchedAt: number;
  readonly etag?: string | undefined;
}

interface Circumstances {
  readonly approved: boolean;
  readonly before: CacheEntry | undefined;
  readonly staleIfError: number;
  readonly now: number;
}

/** A deployment that goes wrong is noticed within this time. */
const goneSeconds = 3600;

/**
 * What an error means (R76, R77). A client that is called unknown throws its registration and its tokens away, so for one
 * that somebody approved it takes a document that can be read and says otherwise, or two answers in a row, an hour or
 * more apart and none between them different, by which its host said that there is none. Whatever else goes wrong, the
 * last good copy is served for as long as it may be. Nobody approved: then there is nothing to lose.
 */
export function decideOnError(error: DocumentError, circumstances: Circumstances): Decision {
  const { approved, before, staleIfError, now } = circumstances;
  const goneSince = error.kind === 'gone' ? (before?.goneSince ?? now) : undefined;
  const isGone = goneSince !== undefined && (!approved || now - goneSince >= goneSeconds);
  const kind = isGone || error.kind === 'final' ? 'final' : 'transient';
  const copy = before?.found;
  const servesStale = approved && copy !== undefined && kind !== 'final' && copy.fetchedAt + staleIfError > now;
  if (servesStale)
    return { kind, entry: { revalidateAt: now + error.retryAfterSeconds, approved, goneSince, found: copy } };
  // Since when it is gone is no answer to anybody: the next request asks its host again.
  return { kind, entry: approved ? { revalidateAt: now, approved, goneSince } : undefined };
}

/** What an error means now, and what to keep: a good copy for a while longer, but no document that failed. */
interface Decision {
  readonly kind: 'final' | 'transient';
  readonly entry: CacheEntry | undefined;
}

/** How long to keep an entry. Until somebody approved its client no longer than it is fresh: anybody can make us fetch one (R86). */
export function keepSecondsOf({ approved, found, revalidateAt }: CacheEntry, { staleIfError }: Freshness, now: number) {
  return (approved ? (found?.fetchedAt ?? now) + staleIfError : revalidateAt) - now;
}

type Headers = Readonly<Record<string, string | undefined>>;

/** How long an answer may be used without asking again, in seconds, by its own headers and within our bounds. */
export function freshSecondsOf(headers: Headers, { min, max }: Pick<Freshness, 'min' | 'max'>, now: number): number {
  const seconds = Math.floor(lifetimeOf(headers, now)) - numberOf(headers.age);
  return Math.min(max, Math.max(min, seconds));
}

/** RFC 9111 §4.2.1: the store is shared by all nodes, so `s-maxage` comes first; 0 where nothing is said. */
function lifetimeOf(headers: Headers, now: number): number {
  const control = headers['cache-control'] ?? '';
  if (/\bno-(store|cache)\b/i.test(control)) return 0;
  const age = /\bs-maxage\s*=\s*"?(\d+)/i.exec(control) ?? /\bmax-age\s*=\s*"?(\d+)/i.exec(control);
  if (age) return Number(age[1]);
  const expires = Date.parse(headers.expires ?? '');
  const sent = Date.parse(headers.date ?? '');
  return Number.isNaN(expires) ? 0 : expires / 1000 - (Number.isNaN(sent) ? now : sent / 1000);
}

/** Longer ones are not kept: the next request is answered in full. */
const maxEtagLength = 200;

export function shortEtag(etag: string | undefined): string | undefined {
  return etag !== undefined && etag.length <= maxEtagLength ? etag : undefined;
}

function numberOf(text: string | undefined): number {
  return /^\d+$/.test(text ?? '') ? Number(text) : 0;
}
