import { readFileSync } from 'node:fs';
import { recordedClients } from '../test/interop/clients.ts';

/** What is known of a client that does not run here, and since when. */
export interface Known {
  readonly what: string;
  /** A day, as in `2026-09-24`. */
  readonly lookedAt: string;
  readonly lookAgainAt: string;
}

/** Tools change what they send several times a year. */
export const freshDays = 120;
const dayMs = 24 * 60 * 60 * 1000;

const pinned: { client_id: string; client_name: string; looked_at: string }[] = JSON.parse(
  readFileSync(new URL('../config/client-documents.json', import.meta.url), 'utf8'),
);

export const known: readonly Known[] = [
  ...pinned.map(({ client_id, client_name, looked_at }) => ({
    what: `${client_name}, pinned in config/client-documents.json`,
    lookedAt: looked_at,
    lookAgainAt: client_id,
  })),
  ...recordedClients.map(({ client, lookedAt, recorded, reported, document = [] }) => ({
    what: `${client}, in test/interop/clients.ts`,
    lookedAt,
    lookAgainAt: [
      ...Object.keys({ ...recorded, ...reported }).map((name) => `registration "${name}"`),
      ...[document].flat().map((name) => `document "${name}"`),
    ].join(', '),
  })),
];

/** The oldest first. */
export function findStale(all: readonly Known[], now: number): readonly Known[] {
  return all
    .filter(({ lookedAt }) => now - Date.parse(lookedAt) > freshDays * dayMs)
    .toSorted((a, b) => a.lookedAt.localeCompare(b.lookedAt));
}

/** One line for each that is to be looked at again. */
export function describeStale(all: readonly Known[], now: number): string {
  const stale = findStale(all, now);
  if (stale.length === 0) return `All ${all.length} were looked at within ${freshDays} days.\n`;
  const lines = stale.map(({ what, lookedAt, lookAgainAt }) => `${lookedAt}  ${what}: ${lookAgainAt}\n`);
  return `Looked at more than ${freshDays} days ago; then write the day beside it:\n${lines.join('')}`;
}

if (import.meta.main) process.stdout.write(describeStale(known, Date.now()));
