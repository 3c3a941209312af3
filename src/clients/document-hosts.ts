import { isIP } from 'node:net';
import { type HostLists, hostOf, isWelcomeHost } from '@bkend/mcp-gateway/vocabulary';
import { finalError } from './document-errors.ts';

/** Longer ones are not for people; each is a key in the store. */
const maxUrlLength = 2000;

/** Throws when nothing may be fetched from a URL: before a name is resolved, before anything is sent (R79). */
export function checkDocumentUrl(href: string, { allow, deny }: HostLists): void {
  const url = URL.parse(href);
  if (url?.protocol !== 'https:' || href.length > maxUrlLength) throw finalError('not an https URL of this size');
  // Other ports would let strangers probe, from here, what listens on hosts that trust us.
  if (url.port !== '') throw finalError('a port other than 443');
  const host = hostOf(url);
  if (isIP(host) !== 0) throw finalError('an IP address for a host');
  if (!isWelcomeHost(host, { allow: [], deny })) throw finalError('the host is on the deny list');
  if (!isWelcomeHost(host, { allow, deny })) throw finalError('the host is not on the allow list');
}

/**
 * A client is known by its id as it is spelled, and people by its host: so there is one spelling, the one that a parser
 * gives back (lower case, no default port, no dot segments), and no user name to hide the host behind (R51).
 */
export function checkSpelling(id: string): void {
  const url = URL.parse(id);
  if (url?.href !== id || url.username || url.password || id.includes('#')) throw finalError('another spelling');
}
