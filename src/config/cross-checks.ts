import { coversScope, isWelcomeHost } from '@bkend/mcp-gateway/vocabulary';
import type { z } from 'zod';
import type { clientDocumentsSchema, clientsSchema } from './clients.ts';
import type { directorySchema } from './directory.ts';
import type { identityProvidersSchema } from './identity-providers.ts';
import { didYouMean } from './issues.ts';
import { findLanguageIssues } from './languages.ts';
import type { resourcesSchema } from './resources.ts';
import type { signInSchema } from './sign-in.ts';
import { findWaysInIssues } from './ways-in.ts';

/** The sections of the policy file that speak of each other. */
interface Sections {
  readonly directory: z.output<typeof directorySchema>;
  readonly resources: z.output<typeof resourcesSchema>;
  readonly roles: Readonly<Record<string, { readonly allow: readonly string[]; readonly except: readonly string[] }>>;
  readonly clients: z.output<typeof clientsSchema>;
  readonly clientDocuments: z.output<typeof clientDocumentsSchema>;
  readonly identityProviders: z.output<typeof identityProvidersSchema>;
  readonly languages: readonly string[];
  readonly messages: { readonly [language: string]: object };
  readonly signIn: z.output<typeof signInSchema>;
}

const compared: ReadonlySet<PropertyKey> = new Set([
  'directory',
  'resources',
  'roles',
  'clients',
  'clientDocuments',
  'identityProviders',
  'signIn',
  'languages',
  'messages',
] satisfies (keyof Sections)[]);

/** Whether the sections have their shape: then they are compared, whatever is wrong with others, so that all is told at once. */
export function canCompare({ issues }: z.core.ParsePayload): boolean {
  return issues.every(({ code, path = [], continue: keepsShape }) => {
    const [section] = path;
    return keepsShape || (section === undefined ? code === 'unrecognized_keys' : !compared.has(section));
  });
}

/** What only two sections together show. */
export function checkAcrossSections(sections: Sections, context: z.core.$RefinementCtx): void {
  const issues = [
    ...findIdlePatterns(sections),
    ...findUnknownGatewayClients(sections),
    ...findContestedPlaces(sections),
    ...findUnknownConsoleClients(sections),
    ...findRefusedTrust(sections),
    ...findWaysInIssues(sections),
    ...findLanguageIssues(sections),
  ];
  for (const { path, message } of issues) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
}

/**
 * Patterns that match no scope: a slip of the hand there would permit nothing, or take nothing away (`*:delte`).
 */
function findIdlePatterns({ resources, roles }: Sections) {
  const scopes = resources.flatMap((resource) => resource.scopes.map((scope) => scope.name));
  // Said already, and then every pattern is idle.
  if (scopes.length === 0) return [];
  const patterns = [
    ...resources.flatMap(({ defaultScopes, metadataScopes = [] }, index) => [
      ...placed(['resources', index, 'defaultScopes'], defaultScopes),
      ...placed(['resources', index, 'metadataScopes'], metadataScopes),
    ]),
    ...Object.entries(roles).flatMap(([role, { allow, except }]) => [
      ...placed(['roles', role, 'allow'], allow),
      ...placed(['roles', role, 'except'], except),
    ]),
  ];
  return patterns
    .filter(({ pattern }) => !scopes.some((scope) => coversScope(pattern, scope)))
    .map(({ path, pattern }) => ({ path, message: idleSentence(pattern, scopes) }));
}

function placed(list: readonly PropertyKey[], patterns: readonly string[]) {
  return patterns.map((pattern, index) => ({ path: [...list, index], pattern }));
}

function idleSentence(pattern: string, scopes: readonly string[]): string {
  const subjects = scopes.map((scope) => scope.replace(/[^:]+$/, '*'));
  const actions = scopes.map((scope) => scope.replace(/^.*:/, '*:'));
  return `matches no scope of any resource${didYouMean(pattern, [...new Set([...scopes, ...subjects, ...actions])])}`;
}

/** A URL at which two resources are, or were: connections of one would be for the other. */
function findContestedPlaces({ resources }: Sections) {
  const present = new Set(resources.flatMap(({ uri }) => uri ?? []));
  const claimed = new Set<string>();
  return resources.flatMap(({ formerly = [] }, resource) =>
    formerly.flatMap((uri, index) => {
      const isContested = present.has(uri) || claimed.has(uri);
      claimed.add(uri);
      const path = ['resources', resource, 'formerly', index];
      return isContested ? [{ path, message: 'is, or was, the URL of a resource already' }] : [];
    }),
  );
}

/** Gateways that no client stands for: they could never follow the revocations, and would notice in production. */
function findUnknownGatewayClients({ resources, clients }: Sections) {
  const secretOf = new Map(clients.map((client) => [client.client_id, client.client_secret]));
  return resources.flatMap(({ client }, index) => {
    if (client === undefined || secretOf.get(client)) return [];
    const message = secretOf.has(client) ? 'has no client_secret in `clients`' : 'is none of `clients`';
    return [{ path: ['resources', index, 'client'], message }];
  });
}

/** A console that nobody stands for could not answer a single challenge. */
function findUnknownConsoleClients({ directory, clients }: Sections) {
  return [directory.client ?? []].flat().flatMap((id) => {
    const client = clients.find(({ client_id }) => client_id === id);
    if (client && (client.client_secret ?? client.jwks ?? client.jwks_uri)) return [];
    const message = client ? 'has neither client_secret nor jwks nor jwks_uri in `clients`' : 'is none of `clients`';
    return [{ path: ['directory', 'client'], message }];
  });
}

/** Trust in a host whose documents are not taken: one of the two is a slip of the hand. */
function findRefusedTrust({ clientDocuments: { trusted, ...lists } }: Sections) {
  return trusted.flatMap((host, index) => {
    if (isWelcomeHost(host, lists)) return [];
    const message = 'is a host whose clients are refused: `allow` and `deny` hold for it, too';
    return [{ path: ['clientDocuments', 'trusted', index], message }];
  });
}
