import { splitScope } from '@bkend/mcp-gateway/vocabulary';
import type { Resource } from './catalogue.ts';

/** Scopes in the words of the catalogue. */
export interface Permissions {
  readonly groups: readonly PermissionGroup[];
  /** Named, but this role cannot grant it. */
  readonly withheld: readonly { readonly scope: string; readonly sentence: string }[];
}

export interface PermissionGroup {
  readonly name: string;
  /** "read, create" – what the closed group says. */
  readonly summary: string;
  /** At least one of them is: the closed group is marked. */
  readonly destructive: boolean;
  readonly permissions: readonly Permission[];
}

export interface Permission {
  readonly scope: string;
  readonly sentence: string;
  readonly ticked: boolean;
  readonly destructive: boolean;
}

/** Gathered as the catalogue says; what the role cannot grant is shown, not hidden. */
export function presentPermissions(
  resource: Resource,
  {
    grantable,
    requested,
    ticked = () => true,
  }: { grantable: readonly string[]; requested: readonly string[]; ticked?: (scope: string) => boolean },
): Permissions {
  const policies = resource.scopes.filter(({ name }) => requested.includes(name));
  const offered = policies.filter(({ name }) => grantable.includes(name));
  const groups = Map.groupBy(offered, ({ group }) => group);
  return {
    groups: [...groups].map(([name, scopes]): PermissionGroup => {
      const permissions = scopes.map((scope) => ({
        scope: scope.name,
        sentence: scope.sentence,
        ticked: ticked(scope.name),
        destructive: isDestructive(scope.name),
      }));
      return {
        name,
        summary: scopes.map((scope) => actionOf(scope.name)).join(', '),
        destructive: permissions.some(({ destructive }) => destructive),
        permissions,
      };
    }),
    withheld: policies
      .filter(({ name }) => !grantable.includes(name))
      .map(({ name, sentence }) => ({ scope: name, sentence })),
  };
}

function actionOf(scope: string): string {
  return splitScope(scope)?.[1] ?? scope;
}

function isDestructive(scope: string) {
  return actionOf(scope) === 'delete';
}
