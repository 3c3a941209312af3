import type { AdapterPayload } from 'oidc-provider';
import { systemClock } from '../clock.ts';
import type { StoredRecord } from '../storage/index.ts';

/**
 * What of a model is written. A payload never holds the value that a client presents: the identifier is dropped (the name
 * of the record is its hash) and put back from the request that presented it.
 */
export function serialize(model: string, { jti: identifier, ...kept }: AdapterPayload): string {
  return JSON.stringify(model === 'Interaction' ? withoutCookies(kept, identifier) : kept);
}

/** oidc-provider 9.13 copies two of them into each interaction: the session's, which nothing reads, and its own. */
function withoutCookies({ returnTo, session, ...kept }: AdapterPayload, identifier: string | undefined) {
  const { cookie: _presented, ...rest } = (session ?? {}) as unknown as Record<string, unknown>;
  return {
    ...kept,
    ...(returnTo !== undefined && { returnTo: returnTo.endsWith(`/${identifier}`) ? dirname(returnTo) : returnTo }),
    ...(session && { session: rest }),
  };
}

/** The path up to its last slash, which `deserialize` recognises. */
const dirname = (url: string) => url.slice(0, url.lastIndexOf('/') + 1);

/** How it comes back. */
export function deserialize({ value, takenAt }: StoredRecord, id: string | undefined): AdapterPayload {
  const payload = withTimesOfNow(JSON.parse(value));
  if (takenAt !== undefined) payload.consumed = takenAt;
  if (id === undefined) return payload;
  if (payload.returnTo?.endsWith('/')) payload.returnTo += id;
  return Object.assign(payload, { jti: id });
}

/**
 * What the store still holds has not expired, and nothing in it is of the future, whatever the clock of the process that
 * wrote it said (R124): oidc-provider compares both times with this machine's clock, and would refuse what was written by
 * a node that is ahead.
 */
export function withTimesOfNow(payload: AdapterPayload): AdapterPayload {
  const now = systemClock.seconds();
  if (payload.iat !== undefined && payload.iat > now) payload.iat = now;
  if (payload.exp !== undefined && payload.exp <= now) payload.exp = now + 1;
  return payload;
}
