import { findDocumentHost } from '@bkend/mcp-gateway/vocabulary';
import { DocumentError } from './document-errors.ts';
import { type Logo, readLogo } from './logo-image.ts';
import { createLogoFetch, type FetchedLogo, type LogoFetchParts } from './logo-request.ts';

/** Pictures of clients: of configured ones, and of those that have a document. */
export interface ClientLogos {
  /** What is at hand. What is not, or is old, is fetched for the next page: none waits for a stranger's host. */
  find(clientId: string): Logo | undefined;
  /** For whoever was told of it by another node: fetched if need be; nothing where that brings another picture. */
  load(clientId: string, hash: string): Promise<Logo | undefined>;
}

interface Parts extends LogoFetchParts {
  readonly configured: readonly { readonly client_id: string; readonly logo?: string | undefined }[];
  /** What a document says, if there is one that can be read. */
  readonly findDocument: (clientId: string) => Promise<{ readonly logo_uri?: unknown }>;
}

/** In this process: some of the largest that may be, or many small ones; whoever was fetched first makes room. */
const mostKept = 500;
const mostKeptBytes = 16 * 1024 * 1024;
/** Seconds in which nobody is asked again. */
const failedFor = 300;

export function createClientLogos({ findDocument, configured, ...parts }: Parts): ClientLogos {
  const { clock } = parts;
  const ofOperator = new Map(
    configured.map(({ client_id: id, logo }) => [id, logo === undefined ? undefined : readLogo(logo)]),
  );
  const fetchLogo = createLogoFetch(parts);
  const kept = createKept();
  const inFlight = new Map<string, Promise<Logo | undefined>>();

  /** However many pages want it, this process fetches it once. */
  function refresh(clientId: string): Promise<Logo | undefined> {
    const pending = inFlight.get(clientId) ?? fetchAndKeep(clientId).finally(() => inFlight.delete(clientId));
    inFlight.set(clientId, pending);
    return pending;
  }

  /** Never throws: no picture is worth an error page. */
  async function fetchAndKeep(clientId: string): Promise<Logo | undefined> {
    const before = kept.get(clientId);
    const found = await findDocument(clientId)
      .then(({ logo_uri: url }) => fetchLogo(url, before?.logo && before))
      .catch((error) => onError(error, before));
    kept.set(clientId, found);
    return found.logo;
  }

  /** Where the host is away the picture stays that it had; what is no picture any more is none. */
  function onError(error: unknown, before: FetchedLogo | undefined): FetchedLogo {
    const isOver = error instanceof DocumentError && (error.kind === 'final' || error.kind === 'gone');
    return { revalidateAt: clock.seconds() + failedFor, logo: isOver ? undefined : before?.logo };
  }

  return {
    find(clientId) {
      if (ofOperator.has(clientId)) return ofOperator.get(clientId);
      if (findDocumentHost(clientId) === undefined) return undefined;
      const entry = kept.get(clientId);
      if (!entry || entry.revalidateAt <= clock.seconds()) void refresh(clientId);
      return entry?.logo;
    },
    async load(clientId, hash) {
      const known = ofOperator.has(clientId) ? ofOperator.get(clientId) : kept.get(clientId)?.logo;
      const logo = known?.hash === hash || ofOperator.has(clientId) ? known : await refresh(clientId);
      return logo?.hash === hash ? logo : undefined;
    },
  };
}

/** Bounded in number and size. */
function createKept() {
  const entries = new Map<string, FetchedLogo>();
  const sizeOf = (entry: FetchedLogo | undefined) => entry?.logo?.bytes.length ?? 0;
  let bytes = 0;

  function remove(clientId: string): void {
    bytes -= sizeOf(entries.get(clientId));
    entries.delete(clientId);
  }

  return {
    get: (clientId: string) => entries.get(clientId),
    set(clientId: string, entry: FetchedLogo): void {
      remove(clientId);
      entries.set(clientId, entry);
      bytes += sizeOf(entry);
      for (const oldest of entries.keys()) {
        if (entries.size <= mostKept && bytes <= mostKeptBytes) return;
        remove(oldest);
      }
    },
  };
}
