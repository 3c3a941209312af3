import { isIPv4, isIPv6 } from 'node:net';

/**
 * Whose tries are counted together: one IPv4 address, or one IPv6 /64. A /64 is the smallest network that is handed to a
 * customer (RFC 6177 §2), who may take a new address in it for every request: per address there would be no limit.
 */
export function networkOf(address: string): string {
  // A socket that listens on both families shows IPv4 as `::ffff:192.0.2.1`; both spellings are one address, and the
  // first four groups of it would be the same for everyone.
  const ipv6 = isIPv4(address) ? `::ffff:${address}` : address.replace(/%.*$/, '');
  if (!isIPv6(ipv6)) return address;
  const canonical = new URL(`http://[${ipv6}]`).hostname.slice(1, -1);
  if (canonical.startsWith('::ffff:')) return canonical;
  return `${groupsOf(canonical).slice(0, 4).join(':')}::/64`;
}

function groupsOf(canonical: string): string[] {
  const [head = '', tail] = canonical.split('::').map((part) => part.split(':').filter(Boolean));
  if (tail === undefined) return [...head];
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail];
}
