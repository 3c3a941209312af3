import { isIPv4, isIPv6 } from 'node:net';

/** Whose requests are counted together. */
export interface Networks {
  /** An IPv4 /24 or an IPv6 /56: what one customer, or a handful of them, may take addresses from as they like. */
  readonly near: string;
  /** An IPv6 /48, the most that one customer gets (RFC 6177 §2), who has 256 of the above. */
  readonly wide?: string;
  /** This computer: its operator, or a proxy that nobody named, behind which everybody would be counted as one. */
  readonly isLoopback: boolean;
}

/** Who has 256 networks gets no more than four. */
export const networksInWide = 4;

export function networksOf(address: string): Networks {
  if (isIPv4(address)) return ipv4(address.slice(0, address.lastIndexOf('.')));
  const ipv6 = address.replace(/%.*$/, '');
  if (!isIPv6(ipv6)) return { near: address, isLoopback: false };
  const groups = groupsOf(new URL(`http://[${ipv6}]`).hostname.slice(1, -1));
  // A socket that listens on both families shows IPv4 as `::ffff:192.0.2.1`; both spellings are one address, and the
  // first groups of it would be the same for everyone.
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') return ipv4(bytesOf(groups).join('.'));
  const isLoopback = groups.join(':') === '0:0:0:0:0:0:0:1';
  const [first, second, third, fourth = '0'] = groups;
  const wide = [first, second, third].join(':');
  const near = `${wide}:${(Number.parseInt(fourth, 16) & 0xff00).toString(16)}`;
  return { near: `${near}::/56`, wide: `${wide}::/48`, isLoopback };
}

/** Of the first three bytes, with dots between them. */
function ipv4(bytes: string): Networks {
  return { near: `${bytes}.0/24`, isLoopback: bytes.startsWith('127.') };
}

function bytesOf(groups: readonly string[]): number[] {
  const [high, low] = groups.slice(6).map((group) => Number.parseInt(group, 16)) as [number, number];
  return [high >> 8, high & 0xff, low >> 8];
}

function groupsOf(canonical: string): string[] {
  const [head = '', tail] = canonical.split('::').map((part) => part.split(':').filter(Boolean));
  if (tail === undefined) return [...head];
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail];
}
