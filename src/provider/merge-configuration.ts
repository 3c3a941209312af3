import type { Configuration } from 'oidc-provider';
import { completeConfiguredClient } from '../clients/index.ts';

/**
 * Ours over theirs, for people who already run oidc-provider: what we decide wins, what we do not decide stays theirs,
 * what is a list of things that exist (scopes, clients, extra parameters) becomes both.
 */
export function mergeConfiguration(theirs: Configuration, ours: Configuration): Configuration {
  const merged = merge(theirs as Branch, ours as Branch) as Configuration;
  return { ...merged, clients: (merged.clients ?? []).map(completeConfiguredClient) };
}

type Branch = Record<string, unknown>;

/** Lists of what exists; other lists are choices, and ours replaces theirs. */
const unions = new Set(['scopes', 'clients', 'extraParams']);

function merge(theirs: Branch, ours: Branch): Branch {
  const merged: Branch = { ...theirs };
  for (const [name, value] of Object.entries(ours)) {
    const other = theirs[name];
    if (isBranch(value) && isBranch(other)) merged[name] = merge(other, value);
    else if (unions.has(name) && Array.isArray(other)) merged[name] = [...new Set([...other, ...(value as unknown[])])];
    else merged[name] = value;
  }
  return merged;
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
