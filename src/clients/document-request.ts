import type { LookupAddress } from 'node:dns';
import { createRequire } from 'node:module';
import type { LookupFunction } from 'node:net';
import { hostOf } from '@bkend/mcp-gateway/vocabulary';
import type { Dispatcher, Agent as UndiciAgent } from 'undici';
import { type Bulkheads, createBulkheads } from './bulkhead.ts';
import { resolveAddresses, toPublicAddresses } from './document-addresses.ts';
import { DocumentError, transientError } from './document-errors.ts';
import { checkPublicName, createProxy, type DocumentProxy, type EgressProxy } from './document-proxy.ts';
import { Agent, request } from './undici.ts';

/** The edge of this process: what the machine does for us, and a test does instead of it. */
export interface Network {
  /** Every address of a host. */
  resolve(host: string): Promise<readonly string[]>;
  /** Sends one request, to the addresses that `options.connect.lookup` answers and to no other. */
  createAgent(options: AgentOptions): UndiciAgent;
  /** For hosts that are reached through one: nothing of them is resolved here. */
  readonly proxy?: DocumentProxy;
}

interface AgentOptions extends UndiciAgent.Options {
  readonly connect: { readonly lookup: LookupFunction; readonly timeout: number };
}

export function createMachineNetwork(proxy?: EgressProxy): Network {
  return {
    resolve: (host) => resolveAddresses(host),
    createAgent: (options) => new Agent(options),
    ...(proxy && { proxy: createProxy(proxy) }),
  };
}

export interface Answer<Body = string> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Body;
}

interface RequestOptions {
  readonly accept?: string;
  readonly maxBytes?: number;
  readonly network: Network;
  /** Shared with other requests; fresh ones unless told. */
  readonly bulkheads?: Bulkheads;
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

export async function requestDocument(href: string, options: RequestOptions): Promise<Answer> {
  const answer = await requestBytes(href, options);
  return { ...answer, body: new TextDecoder().decode(answer.body) };
}

/** One GET over https to a public address. Follows no redirect, keeps no connection. */
export async function requestBytes(href: string, options: RequestOptions): Promise<Answer<Uint8Array>> {
  const { network, bulkheads = createBulkheads(), etag, timeoutMs = defaultTimeoutMs } = options;
  const {
    lookupTimeoutMs = defaultLookupTimeoutMs,
    accept = 'application/json',
    maxBytes = maxDocumentBytes,
  } = options;
  const limits = { ...connectionLimits, maxResponseSize: maxBytes };
  const url = new URL(href);
  const host = hostOf(url);
  const signal = AbortSignal.timeout(timeoutMs);
  const lookupSignal = AbortSignal.any([signal, AbortSignal.timeout(lookupTimeoutMs)]);
  try {
    if (network.proxy?.reaches(host)) {
      checkPublicName(host);
      const agent = network.proxy.createAgent({ ...limits, requestTls: { timeout: timeoutMs } });
      return await bulkheads.connections.run(host, () => send(url, { agent, accept, etag, signal }));
    }
    const addresses = await bulkheads.lookups.run(host, () =>
      Promise.race([network.resolve(host).then(toPublicAddresses), rejectOnAbort(lookupSignal)]),
    );
    return await bulkheads.connections.run(host, () => {
      const agent = network.createAgent({ ...limits, connect: { lookup: answerWith(addresses), timeout: timeoutMs } });
      return send(url, { agent, accept, etag, signal });
    });
  } catch (error) {
    throw error instanceof DocumentError ? error : transientError(describe(error as Error, maxBytes), error);
  }
}

const connectionLimits = {
  allowH2: false,
  // One request a connection: no keep-alive.
  pipelining: 0,
};

interface Sending {
  readonly agent: Dispatcher;
  readonly accept: string;
  readonly etag: string | undefined;
  readonly signal: AbortSignal;
}

async function send(url: URL, { agent, accept, etag, signal }: Sending): Promise<Answer<Uint8Array>> {
  try {
    const headers = {
      accept,
      'accept-encoding': 'identity',
      'user-agent': userAgent,
      ...(etag && { 'if-none-match': etag }),
    };
    const answer = await request(`https://${hostOf(url)}${url.pathname}${url.search}`, {
      dispatcher: agent,
      headers,
      signal,
    });
    return { status: answer.statusCode, headers: joined(answer.headers), body: await answer.body.bytes() };
  } finally {
    // Whatever is still to come, of a connection or of an answer, is not waited for.
    await agent.destroy();
  }
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

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise;
}

/** A header that is sent twice is a list (RFC 9110 §5.3). */
function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Answer['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}

type Cause = Error & { code?: string; cause?: unknown };

function describe({ name, message, cause, ...error }: Cause, maxBytes: number): string {
  if ([name, (cause as Error | undefined)?.name].includes('TimeoutError')) return 'it took too long';
  if (error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return `larger than ${maxBytes / 1024} KB`;
  // Of a proxy, whose own words are in a message only.
  const [, refused] = /^Proxy response \((\d+)\)/.exec(message) ?? [];
  if (refused !== undefined) return `the proxy answered ${refused}`;
  return error.code ?? `${name}: ${message}`;
}
