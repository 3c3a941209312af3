import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Context, Middleware } from 'koa';

export type ClientAddress = (ctx: Context) => string;

/** What the proxies that the operator named are believed about a request; what anybody else writes counts for nothing. */
interface TrustedProxies {
  /**
   * The address a request came from. `X-Forwarded-For` is read from the right, and only as far as trusted proxies vouch
   * for it: what stands further left was written by whoever sent the request.
   */
  readonly clientAddress: ClientAddress;
  /** Whether the other end of the connection is one of them. */
  readonly isTrustedPeer: (ctx: Context) => boolean;
}

export function createTrustedProxies(proxies: readonly string[]): TrustedProxies {
  const isTrusted = createAddressList(proxies);
  const peerOf = (ctx: Context) => unmap(ctx.req.socket.remoteAddress ?? '');

  return {
    isTrustedPeer: (ctx) => isTrusted(peerOf(ctx)),
    clientAddress(ctx) {
      let address = peerOf(ctx);
      const header = ctx.get('X-Forwarded-For');
      if (header === '') return address;
      const forwarded = header.split(',').map(withoutPort).filter(Boolean);
      while (isIP(forwarded.at(-1) ?? '') !== 0 && isTrusted(address)) address = unmap(forwarded.pop() ?? '');
      return address;
    },
  };
}

const forwarding = [
  ...['for', 'proto', 'host', 'port', 'method', 'uri'].map((name) => `x-forwarded-${name}`),
  ...['method', 'uri', 'url'].map((name) => `x-original-${name}`),
  'forwarded',
];
/** Strangers come from many addresses: the log is not theirs to fill. */
const mostReported = 100;

/**
 * Calls once for each peer that is not trusted and says for whom a request is, or what was asked: a stranger who tries, or
 * the operator's own proxy, whose users then share one address and are locked out together (R114).
 */
export function reportUntrustedProxy(
  { isTrustedPeer }: Pick<TrustedProxies, 'isTrustedPeer'>,
  report: (peer: string) => void,
): Middleware {
  const reported = new Set<string>();
  return function untrustedProxy(ctx, next) {
    const { socket, headers } = ctx.req;
    const peer = unmap(socket.remoteAddress ?? '');
    const isNew = reported.size < mostReported && !reported.has(peer);
    if (isNew && forwarding.some((name) => name in headers) && !isTrustedPeer(ctx as Context)) {
      reported.add(peer);
      report(peer);
    }
    return next();
  };
}

/** Whether an address is one of these, or in one of these networks. */
export function createAddressList(entries: readonly string[]): (address: string) => boolean {
  const listed = new BlockList();
  for (const entry of entries) addTo(listed, entry);
  return (address) => isIP(address) !== 0 && listed.check(address, family(address));
}

function addTo(list: BlockList, entry: string) {
  const [address = '', bits] = entry.split('/');
  if (bits === undefined) list.addAddress(address, family(address));
  else list.addSubnet(address, Number(bits), family(address));
}

function family(address: string) {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

/** Some proxies write the port too. It changes with every connection, and so would whatever is counted by address. */
function withoutPort(entry: string) {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/.exec(entry.trim()) ?? [];
  return bracketed ?? plain ?? entry.trim();
}

/** A dual-stack socket shows IPv4 peers as `::ffff:192.0.2.1`. */
function unmap(address: string) {
  if (!address.startsWith(':')) return address;
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
