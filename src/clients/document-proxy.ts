import type { Dispatcher, ProxyAgent as UndiciProxyAgent } from 'undici';
import { transientError } from './document-errors.ts';
import { ProxyAgent } from './undici.ts';

/** `HTTPS_PROXY` and `NO_PROXY`, as the operator set them. */
export interface EgressProxy {
  readonly url: string;
  /** Names, each with everything below it; `*` for all. */
  readonly except: readonly string[];
}

type ProxiedOptions = Omit<UndiciProxyAgent.Options, 'uri'>;

/** The way to hosts that are reached through a proxy, which resolves their names. */
export interface DocumentProxy {
  reaches(host: string): boolean;
  createAgent(options: ProxiedOptions): Dispatcher;
}

export function createProxy({ url, except }: EgressProxy): DocumentProxy {
  const names = except.map((name) =>
    name
      .toLowerCase()
      .replace(/:\d+$/, '')
      .replace(/^\*?\./, ''),
  );
  return {
    reaches: (host) => !names.some((name) => name === '*' || host === name || host.endsWith(`.${name}`)),
    createAgent: (options) => new ProxyAgent({ ...options, uri: url }),
  };
}

/** RFC 6761, RFC 6762, RFC 8375, RFC 9476 and ICANN's `internal`, and what networks call themselves by habit. */
const innerNames =
  /(^|\.)(localhost|local|internal|home\.arpa|localdomain|lan|home|corp|intranet|private|test|invalid|onion|alt)$/;

/**
 * R121: behind a proxy we neither resolve nor connect, so that all that can be judged is the name; whether it leads into
 * our network is known to the proxy alone, which must not let it. Transient like the judgement of an address, and for the
 * same reason.
 */
export function checkPublicName(host: string): void {
  if (!host.includes('.') || innerNames.test(host)) throw transientError('the name of the host is not public');
}
