import { findDocumentHost, hostOf } from '@bkend/mcp-gateway/vocabulary';
import QuickLRU from 'quick-lru';
import { isLoopbackHost } from './loopback.ts';
import { findPretences, type Pretence } from './pretended-name.ts';

/**
 * How much is known of who a client is. `known`: the operator configured it, or trusts the host of its document.
 * `published`: its document was read at the host that its id names. `claimed`: it says so itself.
 */
type Assurance = 'known' | 'published' | 'claimed';

export interface ClientIdentity {
  /** As it is claimed, or as the operator wrote it. */
  readonly name: string;
  readonly assurance: Assurance;
  /** Of its document, if it is described by one. */
  readonly host?: string;
  readonly pretences: readonly Pretence[];
  /** Where its picture is on this server; of none that gave itself its name, nor of one that pretends. */
  readonly logo?: string;
  /** Where there is no picture. */
  readonly initial: string;
}

export interface DescribedClient {
  readonly clientId: string;
  readonly clientName?: string | undefined;
  /** Where the browser goes, or went: `Destination.place`. */
  readonly place: string;
}

interface Parts {
  readonly brand: string;
  readonly documents: { readonly enabled: boolean; readonly trusted: readonly string[] };
  readonly isConfigured: (clientId: string) => boolean;
  readonly findLogo: (clientId: string) => string | undefined;
}

export type IdentifyClient = (client: DescribedClient) => ClientIdentity;

/** The one place that decides how far a client is known, for every page that names it. */
export function createIdentifyClient({ brand, documents, isConfigured, findLogo }: Parts): IdentifyClient {
  const assuranceOf = (clientId: string, host: string | undefined): Assurance => {
    if (isConfigured(clientId)) return 'known';
    if (host === undefined || !documents.enabled) return 'claimed';
    return documents.trusted.includes(host) ? 'known' : 'published';
  };
  const found = new QuickLRU<string, readonly Pretence[]>({ maxSize: 500 });
  /** The same tools come again and again, and each is looked at letter by letter. */
  function pretences({ name, host }: { name: string; host: string | undefined }): readonly Pretence[] {
    // No host has a blank in it, and none is empty.
    const key = `${host ?? ''} ${name}`;
    const known = found.get(key);
    if (known) return known;
    const fresh = findPretences({ name, brand, host });
    found.set(key, fresh);
    return fresh;
  }
  /** A name that is the place itself claims nothing. */
  const pretencesOf = ({ clientName, place }: DescribedClient, host: string | undefined) =>
    clientName === undefined ? [] : pretences({ name: clientName, host: host ?? websiteIn(place) });

  return (client) => {
    const { clientId, clientName, place } = client;
    const name = clientName ?? place;
    const host = isConfigured(clientId) ? undefined : findDocumentHost(clientId);
    const assurance = assuranceOf(clientId, host);
    const claims = assurance === 'known' ? [] : pretencesOf(client, host);
    const logo = assurance === 'claimed' || claims.length > 0 ? undefined : findLogo(clientId);
    const identity = { name, assurance, pretences: claims, initial: initialOf(name) };
    return { ...identity, ...(host !== undefined && { host }), ...(logo !== undefined && { logo }) };
  };
}

/** An app and a program on this computer come from no host that anybody could compare. */
function websiteIn(place: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:(\/\/|$)/i.test(place)) return undefined;
  const url = URL.parse(`https://${place}`);
  return url && !isLoopbackHost(url.hostname) ? hostOf(url) : undefined;
}

const letters = new Intl.Segmenter();

/** The first letter or digit, as a person sees one: with its accents. */
function initialOf(name: string): string {
  // Looking for where it ends costs more than the rest of a page's words.
  const [plain] = /^[a-z\d](?=[ -~])/i.exec(name) ?? [];
  if (plain !== undefined) return plain.toUpperCase();
  let first: string | undefined;
  for (const { segment } of letters.segment(name)) {
    first ??= segment;
    if (/^[\p{L}\p{N}]/u.test(segment)) return segment.toLocaleUpperCase('en');
  }
  return (first ?? '?').toLocaleUpperCase('en');
}
