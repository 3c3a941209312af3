import { Agent, createProxy, type EgressProxy, httpRequest, isLoopbackHost } from '../clients/index.ts';
import { ProviderError } from './provider-error.ts';

/** What openid-client and jose send their requests by. */
export interface ProviderFetch {
  fetch(href: string, options: RequestOptions): Promise<Response>;
  close(): Promise<void>;
}

interface RequestOptions {
  readonly method?: string;
  readonly headers?: Record<string, string> | Headers;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** For each answer, the whole of it. */
export const timeoutMs = 2000;

/** Metadata, keys and tokens have some kilobytes; a person in a thousand groups has some more. */
const limits = { connections: 32, maxResponseSize: 1024 * 1024, allowH2: false };

/**
 * Providers are the operator's choice, and may be inside the network; but what their metadata name may not lead over an open
 * line, nor an answer elsewhere: no redirect is followed, and http is for this machine only.
 */
export function createProviderFetch(egressProxy: EgressProxy | undefined): ProviderFetch {
  const proxy = egressProxy && createProxy(egressProxy);
  const direct = new Agent({ ...limits, connect: { timeout: timeoutMs } });
  const proxied = proxy?.createAgent({ ...limits, requestTls: { timeout: timeoutMs } });

  function dispatcherFor(url: URL) {
    const isLocal = isLoopbackHost(url.hostname);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))
      throw new ProviderError('unusable', 'https');
    return !isLocal && proxy?.reaches(url.hostname) ? (proxied ?? direct) : direct;
  }

  return {
    async fetch(href, { method = 'GET', headers = {}, body, signal = AbortSignal.timeout(timeoutMs) }) {
      const url = new URL(href);
      const { statusCode, ...answer } = await httpRequest(url, {
        dispatcher: dispatcherFor(url),
        method: method as 'GET',
        headers: Object.fromEntries(new Headers(headers)),
        body: asText(body),
        signal,
      });
      const text = await answer.body.text();
      return new Response(hasNoBody.has(statusCode) ? null : text, {
        status: statusCode,
        headers: Object.entries(answer.headers).map(([name, value]): [string, string] => [
          name,
          [value].flat().join(', '),
        ]),
      });
    },
    async close() {
      await Promise.all([direct.close(), proxied?.close()]);
    },
  };
}

/** Forms and nothing else are sent. */
const asText = (body: unknown) => (body === undefined || body === null ? null : String(body));

/** The fetch standard's null body statuses. */
const hasNoBody: ReadonlySet<number> = new Set([204, 205, 304]);
