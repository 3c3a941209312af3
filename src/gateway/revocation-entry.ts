import type { Revocation } from './revoked-tokens.ts';

/** The texts that an entry of a kind has besides its times. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  connection: ['id'],
  token: ['id'],
  membership: ['accountId', 'organizationId'],
  change: ['id', 'organizationId'],
};

/** What a line of the feed says, or `undefined` for what this version does not understand. */
export function parseRevocation(text: string): Revocation | undefined {
  const entry = Object(parseJson(text)) as Record<string, unknown>;
  const texts = Object.hasOwn(TEXTS, String(entry.kind)) ? TEXTS[String(entry.kind)] : undefined;
  if (!texts?.every((name) => typeof entry[name] === 'string')) return undefined;
  if (!Number.isFinite(entry.at) || !Number.isFinite(entry.until)) return undefined;
  if (entry.kind === 'change' && !isTextList(entry.scopes)) return undefined;
  return entry as unknown as Revocation;
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
