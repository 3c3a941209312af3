import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Context } from 'koa';

export type ClientAddress = (ctx: Context) => string;

/**
 * The address a request came from. `X-Forwarded-For` is read from the right, and only as far as proxies that the
 * operator named vouch for it: what stands further left was written by whoever sent the request.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = new BlockList();
  for (const proxy of trustedProxies) addTo(trusted, proxy);

  return (ctx) => {
    const forwarded = ctx.get('X-Forwarded-For').split(',').map(withoutPort).filter(Boolean);
    let address = unmap(ctx.req.socket.remoteAddress ?? '');
    while (isIP(forwarded.at(-1) ?? '') !== 0 && trusted.check(address, family(address))) {
      address = unmap(forwarded.pop() ?? '');
    }
    return address;
  };
}

/** Whether the other end of the connection is a proxy that the operator named: only its word about a request counts. */
export function createIsTrustedPeer(trustedProxies: readonly string[]): (ctx: Context) => boolean {
  const trusted = new BlockList();
  for (const proxy of trustedProxies) addTo(trusted, proxy);
  return (ctx) => {
    const address = unmap(ctx.req.socket.remoteAddress ?? '');
    return isIP(address) !== 0 && trusted.check(address, family(address));
  };
}

function addTo(list: BlockList, proxy: string) {
  const [address = '', bits] = proxy.split('/');
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
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
