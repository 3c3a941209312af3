import { findCanonicalResource } from './canonical-resource.ts';

/** A resource as whoever protects it, or issues tokens for it, spells it. */
export interface SpelledResource {
  /** Canonical: the `aud` of its tokens. */
  readonly uri: string;
  /** Where it was before. */
  readonly formerly?: readonly string[];
}

/**
 * Which resource a URL means: the one that is spelled exactly so; in its canonical spelling; but for a slash at the end;
 * but for its query, where tools keep their options; the one that was there formerly. Of a resource of this machine each
 * loopback host is a spelling. Another path is another resource (RFC 8707 §2): so are two slashes at its end.
 */
export function createFindResource<R extends SpelledResource>(resources: readonly R[]): (url: string) => R | undefined {
  const exactly = new Map(resources.map((resource) => [resource.uri, resource]));
  const findPresent = createFindSpelling(resources.map((resource) => [resource.uri, resource]));
  const findFormer = createFindSpelling(
    resources.flatMap((resource) =>
      (resource.formerly ?? []).map((uri) => [findCanonicalResource(uri) ?? uri, resource] as const),
    ),
  );
  return function findResource(url) {
    // Most ask in the canonical spelling, because that is how they were told.
    const exact = exactly.get(url);
    if (exact) return exact;
    // Blanks around it were pasted along, and mean nothing.
    const canonical = findCanonicalResource(url.trim());
    return canonical === undefined ? undefined : (findPresent(canonical) ?? findFormer(canonical));
  };
}

/** Of two that differ by no more than a slash each keeps its own: what is spelled exactly comes first. */
function createFindSpelling<R>(spellings: readonly (readonly [uri: string, resource: R])[]) {
  const exactly = new Map(spellings);
  const loosely = new Map(spellings.map(([uri, resource]) => [loosest(uri), resource]).reverse() as [string, R][]);
  const find = (url: string) => exactly.get(url) ?? loosely.get(loosest(url));
  return (url: string): R | undefined => find(url) ?? find(url.split('?', 1)[0] as string);
}

/** Without the slash at the end of its path, and one name for this machine. */
function loosest(uri: string): string {
  const [beforeQuery = '', ...query] = uri.split('?');
  const place = beforeQuery
    .replace(/(?<=[^/])\/$/, '')
    .replace(/^(https?:\/\/)(?:127\.0\.0\.1|\[::1\])(?=[:/]|$)/, '$1localhost');
  return [place, ...query].join('?');
}
