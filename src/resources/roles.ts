import { coversScope } from '@bkend/mcp-gateway/vocabulary';
import type { RolePolicy } from '../config/index.ts';

export type KnowsRole = (role: string) => boolean;

/** Which of these scopes a member of that role may grant; a role the configuration does not know grants nothing (R81). */
export type NarrowToRole = (role: string, scopes: readonly string[]) => string[];

export function createRoles(roles: Readonly<Record<string, RolePolicy>>): NarrowToRole {
  const allows = new Map(Object.entries(roles).map(([role, policy]) => [role, createAllows(policy)]));
  return (role, scopes) => scopes.filter((scope) => allows.get(role)?.(scope) ?? false);
}

/** A role that the directory gives and the configuration does not have is a slip of the operator: nobody is told "nothing" (R119). */
export function createKnowsRole(roles: Readonly<Record<string, RolePolicy>>): KnowsRole {
  return (role) => Object.hasOwn(roles, role);
}

/** Asked at every refresh, and always the same: scopes are those of the catalogue. */
function createAllows({ allow, except }: RolePolicy): (scope: string) => boolean {
  const answers = new Map<string, boolean>();
  const covers = (patterns: readonly string[], scope: string) => patterns.some((p) => coversScope(p, scope));
  return (scope) => {
    const answer = answers.get(scope) ?? (covers(allow, scope) && !covers(except, scope));
    answers.set(scope, answer);
    return answer;
  };
}
