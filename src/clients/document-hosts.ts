import { isIP } from 'node:net';
import { permanentFault } from './document-fault.ts';

export interface HostLists {
  /** Host names, or `*.` with a domain for everything below it. Empty: every host. */
  readonly allow: readonly string[];
  /** Wins over `allow`. */
  readonly deny: readonly string[];
}

/** Longer ones are not for people; each is a key in the store. */
const maxUrlLength = 2000;

/** Throws when nothing may be fetched from a URL: before a name is resolved, before anything is sent (R79). */
export function checkDocumentUrl(href: string, { allow, deny }: HostLists): void {
  const url = URL.parse(href);
  if (url?.protocol !== 'https:' || href.length > maxUrlLength) throw permanentFault('not an https URL of this size');
  // Other ports would let strangers probe, from here, what listens on hosts that trust us.
  if (url.port !== '') throw permanentFault('a port other than 443');
  const host = hostOf(url);
  if (isIP(host) !== 0) throw permanentFault('an IP address for a host');
  if (matchesAny(host, deny)) throw permanentFault('the host is on the deny list');
  if (allow.length > 0 && !matchesAny(host, allow)) throw permanentFault('the host is not on the allow list');
}

/** Without the brackets of IPv6 and the dot of a fully qualified name, which would slip past the lists. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function matchesAny(host: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern));
}
