import { splitScope } from '@bkend/mcp-gateway/vocabulary';
import type { Words } from '../messages/index.ts';
import type { Resource } from './catalogue.ts';

/** Scopes in the words of the catalogue. */
export interface Permissions {
  readonly groups: readonly PermissionGroup[];
  /** Named, but this role cannot grant it. */
  readonly withheld: readonly { readonly scope: string; readonly sentence: string }[];
}

interface PermissionGroup {
  readonly name: string;
  /** "read, create" – what the closed group says. */
  readonly summary: string;
  /** At least one of them is: the closed group is marked. */
  readonly destructive: boolean;
  /** The same of what is new. */
  readonly hasNew?: boolean;
  readonly permissions: readonly Permission[];
}

interface Permission {
  readonly scope: string;
  readonly sentence: string;
  readonly ticked: boolean;
  readonly destructive: boolean;
  /** Where something is allowed already: whether this is. */
  readonly standing?: 'allowed' | 'new';
}

/** What `openid` and its scopes give away (OpenID Connect Core §5.4); what else one asks for is said as the duration. */
const learned = ['openid', 'profile', 'email'];

/** What a tool with these scopes learns about the person. */
export function presentLearned(scopes: readonly string[], { say }: Words): string[] {
  return learned.filter((scope) => scopes.includes(scope)).map((scope) => say(`consent.learns.${scope}`));
}

/** Gathered as the catalogue says; what the role cannot grant is shown, not hidden. */
export function presentPermissions(
  resource: Resource,
  words: Words,
  {
    grantable,
    requested,
    ticked = () => true,
    allowed,
  }: {
    grantable: readonly string[];
    requested: readonly string[];
    ticked?: (scope: string) => boolean;
    allowed?: readonly string[] | undefined;
  },
): Permissions {
  const policies = resource.scopes.filter(({ name }) => requested.includes(name));
  const offered = policies.filter(({ name }) => grantable.includes(name));
  const groups = Map.groupBy(offered, ({ group }) => words.pick(group));
  return {
    groups: [...groups].map(([name, scopes]): PermissionGroup => {
      const permissions = scopes.map((scope) => ({
        scope: scope.name,
        sentence: words.pick(scope.sentence),
        ticked: ticked(scope.name),
        destructive: isDestructive(scope.name),
        ...(allowed && { standing: standingOf(scope.name, allowed) }),
      }));
      return {
        name,
        summary: words.list(scopes.map(({ name }) => words.say('permissions.action', { action: actionOf(name) }))),
        destructive: permissions.some(({ destructive }) => destructive),
        ...(allowed && { hasNew: permissions.some(({ standing }) => standing === 'new') }),
        permissions,
      };
    }),
    withheld: policies
      .filter(({ name }) => !grantable.includes(name))
      .map(({ name, sentence }) => ({ scope: name, sentence: words.pick(sentence) })),
  };
}

function standingOf(scope: string, allowed: readonly string[]): 'allowed' | 'new' {
  return allowed.includes(scope) ? 'allowed' : 'new';
}

function actionOf(scope: string): string {
  return splitScope(scope)?.[1] ?? scope;
}

function isDestructive(scope: string) {
  return actionOf(scope) === 'delete';
}
