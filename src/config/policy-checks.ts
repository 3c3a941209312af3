import { coversScope } from '@bkend/mcp-gateway/vocabulary';
import { findClosestName } from './closest-name.ts';
import { type PolicyFile, policyFileSchema } from './policy-file.ts';

/** A mistake that only two sections together show. */
export interface Finding {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
}

/**
 * Patterns that match no scope: a slip of the hand there would permit nothing, or take nothing away (`*:delte`).
 * Reads the sections one by one, so that a mistake in another one does not hide these.
 */
export function findIdlePatterns(file: unknown): Finding[] {
  const sections: Record<string, unknown> = typeof file === 'object' && file !== null ? { ...file } : {};
  const resources = policyFileSchema.shape.resources.safeParse(sections.resources).data;
  if (!resources) return [];
  const scopes = resources.flatMap((resource) => resource.scopes.map((scope) => scope.name));
  const roles = policyFileSchema.shape.roles.safeParse(sections.roles).data ?? {};
  return [...resources.flatMap(defaultPatterns), ...rolePatterns(roles)]
    .filter(({ pattern }) => !scopes.some((scope) => coversScope(pattern, scope)))
    .map(({ path, pattern }) => ({ path, sentence: idleSentence(pattern, scopes) }));
}

interface PlacedPattern {
  readonly path: readonly PropertyKey[];
  readonly pattern: string;
}

function defaultPatterns(resource: PolicyFile['resources'][number], index: number): PlacedPattern[] {
  return placed(['resources', index, 'defaultScopes'], resource.defaultScopes);
}

function rolePatterns(roles: PolicyFile['roles']): PlacedPattern[] {
  return Object.entries(roles).flatMap(([role, { allow, except }]) => [
    ...placed(['roles', role, 'allow'], allow),
    ...placed(['roles', role, 'except'], except),
  ]);
}

function placed(path: readonly PropertyKey[], patterns: readonly string[]): PlacedPattern[] {
  return patterns.map((pattern, index) => ({ path: [...path, index], pattern }));
}

function idleSentence(pattern: string, scopes: readonly string[]): string {
  const subjects = scopes.map((scope) => scope.replace(/[^:]+$/, '*'));
  const actions = scopes.map((scope) => scope.replace(/^.*:/, '*:'));
  const meant = findClosestName(pattern, [...new Set([...scopes, ...subjects, ...actions])]);
  return `matches no scope of any resource${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}
