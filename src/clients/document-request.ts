import type { LookupAddress } from 'node:dns';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createRequire } from 'node:module';
import { isIPv6, type LookupFunction } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { isPublicAddress } from './document-addresses.ts';
import { DocumentFault, passingFault } from './document-fault.ts';
import { hostOf } from './document-hosts.ts';
import { resolveAddresses } from './document-resolver.ts';
import { createTraffic, type Traffic } from './document-turns.ts';

/** The edge of this process: what the machine does for us, and a test does instead of it. */
export interface Network {
  /** Every address of a host. */
  resolve(host: string): Promise<readonly string[]>;
  /** Opens a connection to the addresses that `options.lookup` answers, and to no other. */
  connect(options: ConnectionOptions): TLSSocket;
}

export const machineNetwork: Network = {
  resolve: (host) => resolveAddresses(host),
  connect,
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface RequestOptions {
  readonly network: Network;
  /** What else goes on; nothing unless told. */
  readonly traffic?: Traffic;
  /** Of the answer known already, if there is one. */
  readonly etag?: string | undefined;
  /** For everything: name, connection, TLS, answer. */
  readonly timeoutMs?: number;
  /** For the name. */
  readonly lookupTimeoutMs?: number;
}

/** Real documents have less than 4 KB. */
export const maxDocumentBytes = 64 * 1024;
const defaultTimeoutMs = 3000;
const defaultLookupTimeoutMs = 1500;

const { version } = createRequire(import.meta.url)('bkend-mcp-auth/package.json');
// An empty or generic one is what bot protections refuse first.
const userAgent = `bkend-mcp-auth/${version} (OAuth authorization server; client id metadata documents)`;

/** One GET over https to a public address. Follows no redirect, keeps no connection. */
export async function requestDocument(href: string, options: RequestOptions): Promise<Answer> {
  const { network, traffic = createTraffic(), etag, timeoutMs = defaultTimeoutMs } = options;
  const { lookupTimeoutMs = defaultLookupTimeoutMs } = options;
  const url = new URL(href);
  const host = hostOf(url);
  const headers = {
    Accept: 'application/json',
    'Accept-Encoding': 'identity',
    'User-Agent': userAgent,
    ...(etag && { 'If-None-Match': etag }),
  };
  const signal = AbortSignal.timeout(timeoutMs);
  const lookupSignal = AbortSignal.any([signal, AbortSignal.timeout(lookupTimeoutMs)]);
  const find = () => Promise.race([findPublicAddresses(network.resolve(host)), rejectOnAbort(lookupSignal)]);
  try {
    const addresses = await traffic.lookups.take(host, find);
    return await traffic.connections.take(host, () => send(url, { headers, signal, network, addresses }));
  } catch (error) {
    throw error instanceof DocumentFault ? error : passingFault(describe(error as Error), error);
  }
}

interface Sending {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
  readonly network: Network;
  readonly addresses: readonly LookupAddress[];
}

function send(url: URL, { headers, signal, network, addresses }: Sending): Promise<Answer> {
  const host = hostOf(url);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const lookup = answerWith(addresses);
  request({
    host,
    // Without an agent Node takes 80 for the default, and would name the port in `Host`.
    defaultPort: 443,
    path: `${url.pathname}${url.search}`,
    headers,
    signal,
    createConnection: () => network.connect({ host, port: 443, servername: host, lookup }),
  })
    .on('response', (response) => readAnswer(response).then(resolve, reject))
    .on('error', reject)
    .end();
  return promise;
}

/**
 * The addresses that were checked are the addresses that are connected to: the connection is told them and resolves
 * nothing itself. Otherwise a name could change to an address inside our network in between (DNS rebinding).
 */
function answerWith(addresses: readonly LookupAddress[]): LookupFunction {
  const [first] = addresses;
  return (_host, { all }, callback) =>
    all ? callback(null, [...addresses]) : callback(null, first?.address ?? '', first?.family);
}

/** Both failures pass: a final one would tell strangers, name by name, what resolves inside of our network. */
async function findPublicAddresses(resolving: Promise<readonly string[]>): Promise<LookupAddress[]> {
  const addresses = await resolving;
  if (addresses.length === 0) throw passingFault('the host has no address');
  // One that is not public is one too many: which of them the connection would take is chance.
  if (!addresses.every(isPublicAddress)) throw passingFault('the host resolves to an address that is not public');
  return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise;
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    // Leaving the loop destroys the connection, so the rest is never read.
    if (size > maxDocumentBytes) throw passingFault('larger than 64 KB');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

function describe({ name, message, cause, ...error }: Error & { code?: string; cause?: unknown }) {
  if ([name, (cause as Error | undefined)?.name].includes('TimeoutError')) return 'it took too long';
  return error.code ?? `${name}: ${message}`;
}
