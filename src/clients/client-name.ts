import { describeDestination } from './redirect-destination.ts';

/** Longer than any real one, short enough for a line of a page and of a log. */
const maxNameLength = 100;

/** Whatever people call their tool, in any script (R26); without what would break or turn a line. */
export function cleanName(claimed: unknown): string | undefined {
  if (typeof claimed !== 'string') return undefined;
  const line = claimed.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  // By code points, so that no emoji is cut in half.
  const name = Array.from(line.trim()).slice(0, maxNameLength).join('').trim();
  // A name of nothing but invisible characters is none.
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) ? name : undefined;
}

/** A name for a client that has none: where it sends people (R26), a website before an app before this computer. */
export function deriveName(redirectUris: readonly string[]): string | undefined {
  const destinations = redirectUris
    .filter((uri) => URL.canParse(uri))
    .map((uri) => ({ uri, ...describeDestination(uri) }));
  const best = (['website', 'app', 'loopback'] as const)
    .map((kind) => destinations.find((destination) => destination.kind === kind))
    .find((destination) => destination !== undefined);
  if (!best) return undefined;
  const { protocol, hostname } = new URL(best.uri);
  // The port of a loopback redirect is another one tomorrow.
  return cleanName(best.kind === 'app' ? protocol.slice(0, -1) : hostname);
}
