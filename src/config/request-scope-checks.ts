import { findClosestName } from './closest-name.ts';
import type { Finding } from './policy-checks.ts';
import { type PolicyFile, policyFileSchema } from './policy-file.ts';

type ResourceEntry = PolicyFile['resources'][number];

/**
 * Scopes that requests need and their resource does not offer: nobody could ever be granted one, and the tool would be
 * refused to everybody.
 */
export function findUnknownRequestScopes(file: unknown): Finding[] {
  const sections: Record<string, unknown> = typeof file === 'object' && file !== null ? { ...file } : {};
  const resources = policyFileSchema.shape.resources.safeParse(sections.resources).data ?? [];
  return resources.flatMap((resource, index) => {
    const offered = resource.scopes.map(({ name }) => name);
    return neededScopes(resource)
      .filter(({ scope }) => !offered.includes(scope))
      .map(({ path, scope }) => ({ path: ['resources', index, ...path], sentence: sentence(scope, offered) }));
  });
}

interface PlacedScope {
  readonly path: readonly PropertyKey[];
  readonly scope: string;
}

function neededScopes({ requiredScopes, tools, methods, unnamedRequests }: ResourceEntry): PlacedScope[] {
  return [
    ...placed(['requiredScopes'], requiredScopes),
    ...Object.entries(tools).flatMap(([name, scopes]) => placed(['tools', name], scopes)),
    ...Object.entries(methods).flatMap(([name, scopes]) => placed(['methods', name], scopes)),
    ...placed(['unnamedRequests'], unnamedRequests),
  ];
}

function placed(path: readonly PropertyKey[], scopes: readonly string[]): PlacedScope[] {
  return scopes.map((scope, index) => ({ path: [...path, index], scope }));
}

function sentence(scope: string, offered: readonly string[]): string {
  const meant = findClosestName(scope, offered);
  return `is no scope of this resource${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}
