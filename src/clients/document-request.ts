import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createRequire } from 'node:module';
import { isIPv6, type LookupFunction } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { isPublicAddress } from './document-addresses.ts';
import { DocumentFault, permanentFault, temporaryFault } from './document-fault.ts';
import { hostOf } from './document-hosts.ts';
import { resolveAddresses } from './document-resolver.ts';

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
  /** Of the answer known already, if there is one. */
  readonly etag?: string | undefined;
  /** For everything: name, connection, TLS, answer. */
  readonly timeoutMs?: number;
}

/** Real documents have less than 4 KB. */
export const maxDocumentBytes = 64 * 1024;
const defaultTimeoutMs = 3000;

const { version } = createRequire(import.meta.url)('bkend-mcp-auth/package.json');
// An empty or generic one is what bot protections refuse first.
const userAgent = `bkend-mcp-auth/${version} (OAuth authorization server; client id metadata documents)`;

/** One GET over https to a public address. Follows no redirect, keeps no connection. */
export async function requestDocument(href: string, options: RequestOptions): Promise<Answer> {
  const { network, etag, timeoutMs = defaultTimeoutMs } = options;
  const url = new URL(href);
  const headers = {
    Accept: 'application/json',
    'Accept-Encoding': 'identity',
    'User-Agent': userAgent,
    ...(etag && { 'If-None-Match': etag }),
  };
  try {
    return await send(url, headers, network, AbortSignal.timeout(timeoutMs));
  } catch (error) {
    throw error instanceof DocumentFault ? error : temporaryFault(describe(error as Error), error);
  }
}

function send(url: URL, headers: Record<string, string>, network: Network, signal: AbortSignal): Promise<Answer> {
  const host = hostOf(url);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const guarded = createGuardedLookup(network);
  request({
    host,
    // Without an agent Node takes 80 for the default, and would name the port in `Host`.
    defaultPort: 443,
    path: `${url.pathname}${url.search}`,
    headers,
    signal,
    createConnection: () => network.connect({ host, port: 443, servername: host, lookup: guarded }),
  })
    .on('response', (response) => readAnswer(response).then(resolve, reject))
    .on('error', reject)
    .end();
  return promise;
}

/**
 * The addresses that are checked are the addresses that are connected to: the connection itself asks here. A check
 * before it would leave a moment in which a name may change to an address inside our network (DNS rebinding).
 */
function createGuardedLookup({ resolve }: Network): LookupFunction {
  return (host, { all }, callback) => {
    findPublicAddresses(resolve(host)).then(
      (found) => (all ? callback(null, found) : callback(null, found[0]?.address ?? '', found[0]?.family)),
      (error) => callback(error, ''),
    );
  };
}

async function findPublicAddresses(resolving: Promise<readonly string[]>) {
  const addresses = await resolving;
  if (addresses.length === 0) throw temporaryFault('the host has no address');
  // One that is not public is one too many: which of them the connection would take is chance.
  if (!addresses.every(isPublicAddress)) throw permanentFault('the host resolves to an address that is not public');
  return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    // Leaving the loop destroys the connection, so the rest is never read.
    if (size > maxDocumentBytes) throw permanentFault('larger than 64 KB');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

function describe({ name, message, cause, ...error }: Error & { code?: string; cause?: unknown }) {
  if ((cause as Error | undefined)?.name === 'TimeoutError') return 'it took too long';
  return error.code ?? `${name}: ${message}`;
}
