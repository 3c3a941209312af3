import { type HostLists, hostOf } from '@bkend/mcp-gateway/vocabulary';
import type { Clock } from '../clock.ts';
import { createBulkheads } from './bulkhead.ts';
import type { DocumentEvents } from './document-cache.ts';
import { checkStatus } from './document-content.ts';
import { type DocumentError, finalError } from './document-errors.ts';
import { checkDocumentUrl } from './document-hosts.ts';
import { freshSecondsOf, shortEtag } from './document-policy.ts';
import { type Answer, type Network, requestBytes } from './document-request.ts';
import { createFailureLimit } from './failure-limit.ts';
import { imageTypeOf, type Logo, maxLogoBytes, toLogo } from './logo-image.ts';

export interface LogoFetchParts {
  readonly hosts: HostLists;
  readonly network: Network;
  readonly events: DocumentEvents;
  readonly clock: Clock;
}

export interface FetchedLogo {
  readonly logo?: Logo | undefined;
  readonly etag?: string | undefined;
  /** In seconds since the epoch. */
  readonly revalidateAt: number;
}

/** Seconds. An hour at least, whatever the host says: nothing hangs on a picture that was changed. */
const freshness = { min: 3600, max: 86_400 };
const accept = 'image/png, image/webp, image/jpeg, image/gif';
const declared = /^image\/(png|webp|jpeg|jpg|gif)\s*(;|$)/i;

/**
 * Under the rules of documents: https on 443, welcome hosts only, public addresses, no redirect, the same limits for one
 * domain and in all, though not the same places: logos take none from documents. Its host need not be the one of the
 * document: real ones differ (vscode.dev), and whoever wants a picture of somebody else's can copy it.
 */
export function createLogoFetch({ hosts, network, events, clock }: LogoFetchParts) {
  const bulkheads = createBulkheads();
  const failures = createFailureLimit(clock);

  async function request(url: string, before: FetchedLogo | undefined): Promise<FetchedLogo> {
    const host = hostOf(new URL(url));
    try {
      checkDocumentUrl(url, hosts);
      failures.admit(host);
      const answer = await requestBytes(url, {
        network,
        bulkheads,
        accept,
        maxBytes: maxLogoBytes,
        etag: before?.etag,
      });
      events.emit({ event: 'client_document.fetch', document: 'logo', host, status: answer.status });
      return read(answer, before);
    } catch (error) {
      const { message: reason, kind } = error as DocumentError;
      events.emit({ event: 'client_document.error', document: 'logo', host, reason, kind });
      if (kind !== 'busy') failures.note(host);
      throw error;
    }
  }

  function read(answer: Answer<Uint8Array>, before: FetchedLogo | undefined): FetchedLogo {
    const now = clock.seconds();
    const revalidateAt = now + freshSecondsOf(answer.headers, freshness, now);
    if (answer.status === 304 && before) return { ...before, revalidateAt };
    checkStatus(answer);
    // Both have to say so: a page that only begins like a picture is one by its type.
    const type = declared.test(answer.headers['content-type'] ?? '') ? imageTypeOf(answer.body) : undefined;
    if (type === undefined) throw finalError('neither PNG nor JPEG, WebP or GIF');
    return { logo: toLogo({ type, bytes: answer.body }), etag: shortEtag(answer.headers.etag), revalidateAt };
  }

  return async function fetchLogo(url: unknown, before: FetchedLogo | undefined): Promise<FetchedLogo> {
    if (typeof url !== 'string') return { revalidateAt: clock.seconds() + freshness.min };
    return request(url, before);
  };
}
