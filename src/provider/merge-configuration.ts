import type { Configuration } from 'oidc-provider';
import { completeConfiguredClient } from '../clients/index.ts';

/**
 * Ours over theirs, for people who already run oidc-provider: what we decide wins, what we do not decide stays theirs,
 * what is a list of things that exist (keys, scopes, extra parameters, client metadata) becomes both. Their clients stay
 * theirs; ours are the adapter's. examples/plugin/README.md says it option by option, and a test holds it to that.
 */
export function mergeConfiguration(theirs: Configuration, ours: Configuration): Configuration {
  checkServed(theirs);
  const merged = merge(theirs as Branch, merge({ features: unserved }, ours as Branch)) as Configuration;
  const clients = (merged.clients ?? []).map(completeConfiguredClient);
  return { ...merged, clients, ...judgedByBoth(theirs.extraClientMetadata, merged.extraClientMetadata) };
}

type Branch = Record<string, unknown>;
type ExtraClientMetadata = Configuration['extraClientMetadata'];

/** Our pages are for a browser that is sent back to its client; a flow that has none would end on an error page. */
const unserved = { deviceFlow: { enabled: false }, ciba: { enabled: false } };

/**
 * Throws for what makes tokens say or bind more than our grants, pages and gateways know of: switched off in silence, it
 * would leave tokens that are worth more to a thief than their host believes.
 */
function checkServed({ features, subjectTypes, extraTokenClaims, formats }: Configuration): void {
  const asked = [
    ...(features?.mTLS?.enabled ? ['features.mTLS'] : []),
    ...(features?.richAuthorizationRequests?.enabled ? ['features.richAuthorizationRequests'] : []),
    ...([...(subjectTypes ?? [])].includes('pairwise') ? ['subjectTypes: pairwise'] : []),
  ];
  if (asked.length > 0)
    throw new TypeError(`the plugin cannot serve ${asked.join(', ')}: leave it out, or to another provider`);
  // R113: our grants sign access tokens by themselves, and would never call them.
  const unasked = [
    ...(extraTokenClaims ? ['extraTokenClaims'] : []),
    ...(formats?.customizers ? ['formats.customizers'] : []),
  ];
  if (unasked.length > 0)
    throw new TypeError(
      `the plugin never calls ${unasked.join(', ')}: claims of your own come from Directory.claimsFor, as in createPlugin(config, { directory })`,
    );
}

/** Lists of what exists; other lists are choices, and ours replaces theirs. Keys: the first one signs. */
const lists = new Set(['keys', 'scopes', 'acrValues', 'extraParams', 'properties']);

function merge(theirs: Branch, ours: Branch): Branch {
  const merged: Branch = { ...theirs };
  for (const [name, value] of Object.entries(ours)) {
    const other = theirs[name];
    if (isBranch(value) && isBranch(other)) merged[name] = merge(other, value);
    else if (lists.has(name) && Array.isArray(value)) merged[name] = both(value, other);
    else merged[name] = value;
  }
  return merged;
}

function both(ours: readonly unknown[], theirs: unknown): unknown {
  // `extraParams` may name a check for each of them.
  if (isBranch(theirs)) return { ...theirs, ...Object.fromEntries(ours.map((name) => [name, undefined])) };
  if (!(Array.isArray(theirs) || theirs instanceof Set)) return ours;
  const known = new Set(ours.map(identify));
  return [...new Set([...ours, ...[...theirs].filter((each) => !known.has(identify(each)))])];
}

/** A key is known by its id: oidc-provider refuses two of the same. */
function identify(each: unknown): unknown {
  return (each as { kid?: string } | undefined)?.kid ?? each;
}

/** Their validator is asked about their properties, after ours has said what the metadata means. */
function judgedByBoth(
  theirs: ExtraClientMetadata,
  merged: ExtraClientMetadata,
): Pick<Configuration, 'extraClientMetadata'> {
  const [first, second] = [merged?.validator, theirs?.validator];
  if (!first || !second || first === second) return {};
  const validator: typeof first = (ctx, name, value, metadata) => {
    first(ctx, name, value, metadata);
    // Returned: oidc-provider tells whoever gives it a promise that it does not wait.
    return theirs?.properties?.includes(name) ? second(ctx, name, value, metadata) : undefined;
  };
  return { extraClientMetadata: { ...merged, validator } };
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
