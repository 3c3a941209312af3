import type { RolePolicy } from '../config/index.ts';
import { patternCovers } from './scope.ts';

/** Which of these scopes a member of that role may grant; a role the configuration does not know grants nothing (R81). */
export type NarrowToRole = (role: string, scopes: readonly string[]) => string[];

export function createRoles(roles: Readonly<Record<string, RolePolicy>>): NarrowToRole {
  return (role, scopes) => {
    const policy = Object.hasOwn(roles, role) ? roles[role] : undefined;
    if (!policy) return [];
    const covers = (patterns: readonly string[], scope: string) => patterns.some((p) => patternCovers(p, scope));
    return scopes.filter((scope) => covers(policy.allow, scope) && !covers(policy.except, scope));
  };
}
