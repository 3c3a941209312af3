import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { transientError } from './document-errors.ts';

type Range = readonly [network: string, prefix: number];

/**
 * IANA IPv4 Special-Purpose Address Registry, and multicast (RFC 6890, RFC 5771). Both lists were compared with a copy of the
 * registries of 2026-07-18.
 */
const specialIpv4: readonly Range[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by carriers
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local: the metadata services of clouds answer here
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24], // AS112
  ['192.52.193.0', 24], // AMT
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['192.175.48.0', 24], // AS112
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
];

/** What is special within the global unicast space of IPv6 (IANA IPv6 Special-Purpose Address Registry). */
const specialIpv6: readonly Range[] = [
  ['2001::', 23], // protocol assignments: Teredo, ORCHID, benchmarks
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: an IPv4 address inside
  ['2620:4f:8000::', 48], // AS112
  ['3fff::', 20], // documentation
];

const special = new BlockList();
for (const [network, prefix] of specialIpv4) special.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of specialIpv6) special.addSubnet(network, prefix, 'ipv6');

// RFC 4291 §2.4: everything else (::1, IPv4-mapped, NAT64, unique local, link-local, multicast) lies outside of it.
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** Whether an address belongs to the public internet, so that a connection to it cannot reach what only we can reach. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, 'ipv4');
  // A zone (`%eth0`) names one of our own interfaces.
  if (family !== 6 || address.includes('%')) return false;
  return globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/**
 * Every address of a host, asked of the name servers of this machine. Not by `dns.lookup`: that blocks one of the few
 * threads which also hash passwords, for as long as a stranger's name server likes.
 */
export async function resolveAddresses(host: string, resolver = createResolver()): Promise<string[]> {
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const [rejected] = answers.filter((answer) => answer.status === 'rejected');
  if (addresses.length === 0 && rejected) throw rejected.reason;
  return addresses;
}

/** The second try has twice the time of the first: together what a lookup may take (document-request.ts). */
function createResolver() {
  return new Resolver({ timeout: 500, tries: 2 });
}

/**
 * What a connection may be made to; throws where that is nothing. Both errors are transient: a final one would tell
 * strangers, name by name, what resolves inside of our network.
 */
export function toPublicAddresses(addresses: readonly string[]): LookupAddress[] {
  if (addresses.length === 0) throw transientError('the host has no address');
  // One that is not public is one too many: which of them the connection would take is chance.
  if (!addresses.every(isPublicAddress)) throw transientError('the host resolves to an address that is not public');
  return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
}
