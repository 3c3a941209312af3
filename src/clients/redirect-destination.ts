import { isLoopbackHost } from './loopback.ts';

/** Where the browser goes after the flow, in words a person can judge. */
export interface Destination {
  /** Host with port, or `scheme:` of a private-use scheme with the host behind it. */
  readonly place: string;
  readonly kind: 'loopback' | 'website' | 'app';
}

export function describeDestination(redirectUri: string): Destination {
  const { protocol, host, hostname } = new URL(redirectUri);
  if (protocol === 'https:') return { place: host, kind: 'website' };
  if (protocol === 'http:') return { place: host, kind: isLoopbackHost(hostname) ? 'loopback' : 'website' };
  return { place: host ? `${protocol}//${host}` : protocol, kind: 'app' };
}
