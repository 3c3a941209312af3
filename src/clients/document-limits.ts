import type { Content } from './document-content.ts';
import { finalFault } from './document-fault.ts';
import { findRedirectUriMistakes } from './redirect-uri-list.ts';

/** As large as a registration may be (R27); real documents have less than 4 KB. */
const maxKeptBytes = 16 * 1024;

/** Longer ones are not kept: the next look is answered in full. */
const maxEtagLength = 200;

/** Throws for what a registration would be refused for: before it is kept, because nobody had to sign in for this. */
export function checkLimits(content: Content): Content {
  if (Buffer.byteLength(JSON.stringify(content)) > maxKeptBytes) throw finalFault('larger than a registration may be');
  return content;
}

/** All or nothing, like a registration (R19). */
export function checkRedirectUris({ redirect_uris: uris }: Content): void {
  if (!Array.isArray(uris) || uris.length === 0) throw finalFault('no redirect URIs');
  const [mistake] = findRedirectUriMistakes(uris);
  if (mistake) throw finalFault(`redirect_uris ${mistake.sentence}`);
}

export function shortEtag(etag: string | undefined): string | undefined {
  return etag !== undefined && etag.length <= maxEtagLength ? etag : undefined;
}
