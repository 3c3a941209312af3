import type { Content } from './document-content.ts';
import type { DocumentFault, FaultKind } from './document-fault.ts';

/** What the last look brought, and when to look again. Times are seconds since the epoch. */
export interface Kept {
  readonly lookAgainAt: number;
  /** Somebody approved the client: a fault that may pass must not end their connection. */
  readonly approved: boolean;
  readonly found?: Found | undefined;
  /** Why there is nothing to stand in. */
  readonly fault?: { readonly reason: string; readonly kind: FaultKind } | undefined;
  /** Since when each look was answered by "there is none". */
  readonly goneSince?: number | undefined;
}

export interface Found {
  readonly content: Content;
  readonly fetchedAt: number;
  readonly etag?: string | undefined;
}

interface Circumstances {
  readonly approved: boolean;
  readonly before: Kept | undefined;
  readonly staleSeconds: number;
  readonly now: number;
}

/** A deployment that goes wrong is noticed within this time. */
const goneSeconds = 3600;

/**
 * What a look that failed means (R76, R77). A client that is called unknown throws its registration and its tokens away,
 * so for one that somebody approved it takes a document that can be read and says otherwise, or two looks in a row, an
 * hour or more apart and none between them with another answer, at which its host said that there is none. Whatever else
 * goes wrong, the last good copy stands in for as long as it may. Nobody approved: then there is nothing to lose.
 */
export function judge(fault: DocumentFault, { approved, before, staleSeconds, now }: Circumstances): Kept {
  const goneSince = fault.kind === 'gone' ? (before?.goneSince ?? now) : undefined;
  const isGone = goneSince !== undefined && (!approved || now - goneSince >= goneSeconds);
  const kind = isGone || fault.kind === 'final' ? 'final' : 'passing';
  const copy = before?.found;
  const found = approved && copy && kind !== 'final' && copy.fetchedAt + staleSeconds > now ? copy : undefined;
  const lookAgainAt = now + fault.retryAfterSeconds;
  return { lookAgainAt, approved, goneSince, found, fault: found ? undefined : { reason: fault.message, kind } };
}
