import { BlockList, isIP, isIPv6 } from 'node:net';
import { z } from 'zod';
import { text } from './schema.ts';

/** The entries of a comma-separated setting, without blanks around them. */
export function listEntries(list: string): string[] {
  const entries = list.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

/** An address to listen on. */
export const host = z.string().refine(isHost, 'must be a host name or an IP address, without scheme, port or brackets');

export const port = z
  .string()
  .refine((digits) => /^\d{1,5}$/.test(digits) && Number(digits) <= 65_535, 'must be a whole number from 0 to 65535')
  .transform(Number);

/** A whole number of seconds. */
export function seconds(least: number, most: number) {
  const isSo = (digits: string) => /^\d{1,5}$/.test(digits) && Number(digits) >= least && Number(digits) <= most;
  return z.string().refine(isSo, `must be a whole number of seconds from ${least} to ${most}`).transform(Number);
}

// An entry is named by its place: somebody may have pasted a URL with a password.
export const nodes = text((list) => {
  const entries = listEntries(list);
  if (entries.length === 0) return 'must hold at least one host:port';
  const wrong = entries.findIndex((entry) => parseHostAndPort(entry) === undefined);
  return wrong < 0 ? undefined : `entry ${wrong + 1} must be host:port, with an IPv6 address in brackets`;
}).transform(listEntries);

export const proxies = text((list) => {
  const wrong = listEntries(list).findIndex((entry) => !isAddressOrNetwork(entry));
  return wrong < 0 ? undefined : `entry ${wrong + 1} must be an IP address or a network such as 10.0.0.0/8`;
}).transform(listEntries);

export const names = z.string().transform(listEntries);

/** Said without the text, which may hold a password. Some machines have it without a scheme. */
export const egressProxy = z
  .string()
  .transform((href) => (href.includes('://') ? href : `http://${href}`))
  .refine((href) => {
    const url = URL.parse(href);
    return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '' && url.pathname === '/';
  }, 'must look like http://user:password@proxy:3128');

function isHost(name: string): boolean {
  return isIP(name) !== 0 || /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$/i.test(name);
}

/** `redis-1.example:6379` or `[2001:db8::1]:6379`. */
export function parseHostAndPort(entry: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[(?<address>.+)\]|(?<name>[^:]+)):(?<digits>\d{1,5})$/.exec(entry);
  const { address, name, digits } = match?.groups ?? {};
  const right = address === undefined ? name !== undefined && isHost(name) : isIPv6(address);
  const number = Number(digits);
  if (!right || number < 1 || number > 65_535) return undefined;
  return { host: address ?? name ?? '', port: number };
}

export function isAddressOrNetwork(entry: string): boolean {
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
