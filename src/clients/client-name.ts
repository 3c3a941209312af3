import { visibleLine } from '../visible-line.ts';
import { describeDestination } from './redirect-destination.ts';

/** Longer than any real one, short enough for a line of a page and of a log. */
const maxNameLength = 100;

/** Whatever people call their tool (R26). */
export function cleanName(claimed: unknown): string | undefined {
  return typeof claimed === 'string' ? visibleLine(claimed, maxNameLength) : undefined;
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
