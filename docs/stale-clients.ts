import { recordedClients } from '../test/interop/clients.ts';
import { documentUrls, lookedAt } from '../test/interop/compatibility-table.ts';

/** What is known of a client that does not run here, and since when. */
export interface Known {
  readonly what: string;
  /** A day, as in `2026-09-24`. */
  readonly lookedAt: string;
  /** URLs. */
  readonly lookAgainAt: readonly string[];
}

/** Tools change what they send several times a year. */
export const freshDays = 120;
const dayMs = 24 * 60 * 60 * 1000;

export const known: readonly Known[] = recordedClients.map((row) => ({
  what: row.client,
  lookedAt: lookedAt(row),
  lookAgainAt: [...documentUrls(row.document), ...row.sources],
}));

/** The oldest first. */
export function findStale(all: readonly Known[], now: number): readonly Known[] {
  return all
    .filter(({ lookedAt }) => now - Date.parse(lookedAt) > freshDays * dayMs)
    .toSorted((a, b) => a.lookedAt.localeCompare(b.lookedAt));
}

const intro = `Looked at more than ${freshDays} days ago. What is found goes to test/fixtures, config/client-documents.json and
test/interop/clients.ts, with the day: of a pinned document beside it, else in clients.ts; then npm run document.`;

/** One line for each that is to be looked at again. */
export function describeStale(all: readonly Known[], now: number): string {
  const stale = findStale(all, now);
  if (stale.length === 0) return `All ${all.length} were looked at within ${freshDays} days.\n`;
  const lines = stale.map(({ what, lookedAt, lookAgainAt }) => `${lookedAt}  ${what}: ${lookAgainAt.join(', ')}\n`);
  return `${intro}\n${lines.join('')}`;
}

if (import.meta.main) process.stdout.write(describeStale(known, Date.now()));
