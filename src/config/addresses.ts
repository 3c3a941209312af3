import { BlockList, isIP, isIPv6 } from 'node:net';
import type { HostAndPort } from './config.ts';

/** The entries of a comma-separated setting, without blanks around them. */
export function listEntries(text: string): string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

export function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$/i.test(text);
}

/** What is wrong with an address to listen on. */
export function findHostMistake(text: string): string | undefined {
  return isHost(text) ? undefined : 'must be a host name or an IP address, without scheme, port or brackets';
}

export function findPortMistake(text: string): string | undefined {
  const right = /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
  return right ? undefined : 'must be a whole number from 0 to 65535';
}

/** `redis-1.example:6379` or `[2001:db8::1]:6379`. */
export function findHostAndPort(entry: string): HostAndPort | undefined {
  const match = /^(?:\[(?<address>.+)\]|(?<name>[^:]+)):(?<port>\d{1,5})$/.exec(entry);
  const { address, name, port } = match?.groups ?? {};
  const right = address === undefined ? name !== undefined && isHost(name) : isIPv6(address);
  const number = Number(port);
  if (!right || number < 1 || number > 65_535) return undefined;
  return { host: address ?? name ?? '', port: number };
}

// The entry is named by its place: somebody may have pasted a URL with a password.
export function findNodesMistake(text: string): string | undefined {
  const entries = listEntries(text);
  if (entries.length === 0) return 'must hold at least one host:port';
  const wrong = entries.findIndex((entry) => findHostAndPort(entry) === undefined);
  return wrong < 0 ? undefined : `entry ${wrong + 1} must be host:port, with an IPv6 address in brackets`;
}

export function findProxiesMistake(text: string): string | undefined {
  const wrong = listEntries(text).findIndex((entry) => !isAddressOrNetwork(entry));
  return wrong < 0 ? undefined : `entry ${wrong + 1} must be an IP address or a network such as 10.0.0.0/8`;
}

function isAddressOrNetwork(entry: string): boolean {
  const [address = '', prefix, ...rest] = entry.split('/');
  if (rest.length > 0 || isIP(address) === 0) return false;
  return prefix === undefined || isNetwork(address, prefix);
}

function isNetwork(address: string, prefix: string): boolean {
  if (!/^\d{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
    return true;
  } catch {
    return false;
  }
}
