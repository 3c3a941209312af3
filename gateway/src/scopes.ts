import { coversScope } from './vocabulary/index.ts';

/** Whoever was granted something: the identity of this kit, or the SDK's `authInfo`. */
export interface Granted {
  readonly scopes: readonly string[];
}

/**
 * Whether the granted scopes cover the required one. A scope is a subject and an action, parted by the last colon;
 * `*` in a granted scope stands for any subject or any action.
 *
 * @example
 * hasScope(['project:*'], 'project:read'); // true
 * hasScope(['*:read'], 'table:data:read'); // true
 * hasScope(['table:*'], 'table:data:read'); // false: the subject is `table:data`
 */
export function hasScope(granted: readonly string[], required: string): boolean {
  return granted.some((scope) => coversScope(scope, required));
}

/** Whether at least one of the required scopes is not covered. Who is unknown lacks everything. */
export function lacks(who: Granted | undefined, ...required: readonly string[]): boolean {
  return !required.every((scope) => hasScope(who?.scopes ?? [], scope));
}

/**
 * What to ask for when scopes are missing, `undefined` when none is. It has the shape of the MCP SDK's scope challenge,
 * so that a tool can declare what it needs.
 *
 * @example
 * server.registerTool('create', { scopeChallenge: ({ authInfo }) => stepUp(authInfo, 'project:create') }, create);
 */
export function stepUp(
  who: Granted | undefined,
  ...required: readonly string[]
): { scopes: [string, ...string[]] } | undefined {
  const [first, ...others] = lacks(who, ...required) ? scopesToAskFor(who, required) : [];
  return first === undefined ? undefined : { scopes: [first, ...others] };
}

/**
 * What the token has and what the operation needs: a client that asked for the latter alone would lose the former,
 * and be challenged in circles.
 */
export function scopesToAskFor(who: Granted | undefined, required: readonly string[]): string[] {
  return resourceScopes([...(who?.scopes ?? []), ...required]);
}

/**
 * Each scope once. `offline_access` is a matter between client and authorization server and must not be in resource
 * metadata or challenges (MCP 2026-07-28).
 */
export function resourceScopes(scopes: readonly string[]): string[] {
  return [...new Set(scopes)].filter((scope) => scope !== 'offline_access');
}
