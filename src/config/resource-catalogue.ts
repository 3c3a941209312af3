import { z } from 'zod';
import { findUrlMistake } from './canonical-url.ts';
import { requestScopesMembers } from './request-scopes.ts';
import { findScopeNameMistake } from './scope-names.ts';
import { textUnder } from './text-under.ts';

function words() {
  return z.string('must be a text').trim().min(1, 'must not be empty');
}

const scopeSchema = z.strictObject(
  {
    name: textUnder(findScopeNameMistake).meta({
      description: 'the scope',
      example: 'project:read',
      note: 'subject and action, parted by the last colon; no wildcard',
    }),
    group: words().meta({ description: 'what the consent page gathers it under', example: 'Project' }),
    sentence: words().meta({
      description: 'what it permits, in one plain sentence for the person who approves',
      example: 'See projects and their settings',
    }),
  },
  'must be an object with name, group and sentence',
);

const resourceSchema = z.strictObject(
  {
    uri: textUnder(findUrlMistake).optional().meta({
      description: 'the URL of the protected resource (RFC 8707)',
      note: 'in canonical spelling; at most one resource is without',
      fallback: 'the issuer itself',
    }),
    name: words().meta({ description: 'what people call it', example: 'bkend' }),
    client: words().optional().meta({
      description: 'the client as which its gateway follows revocations and introspects tokens',
      example: 'bkend-gateway',
      note: 'one of `clients`, with a `client_secret`',
      fallback: 'none',
    }),
    defaultScopes: z.array(z.string('must be a scope or a wildcard'), 'must be a list of scopes or wildcards').meta({
      description: 'asked for when a request names no scope',
      example: '["*:read"]',
      note: 'scopes or wildcards',
    }),
    scopes: z
      .array(scopeSchema, 'must be a list of scopes')
      .min(1, 'must hold at least one scope')
      .superRefine((scopes, context) =>
        refuseRepeated(
          context,
          'name',
          scopes.map((scope) => scope.name),
        ),
      )
      .meta({ description: 'what may be permitted', note: 'in the order in which tokens and pages list them' }),
    ...requestScopesMembers,
  },
  'must be an object with name, defaultScopes and scopes',
);

export const resourcesSchema = z
  .array(resourceSchema, 'must be a list of resources')
  .min(1, 'must hold at least one resource')
  .superRefine((resources, context) =>
    refuseRepeated(
      context,
      'uri',
      resources.map((resource) => resource.uri),
    ),
  )
  .meta({ description: 'the protected resources, with what may be permitted there' });

/** Refuses each entry whose value another one before it has; two absent ones are equal, too. */
export function refuseRepeated(
  context: z.core.$RefinementCtx,
  member: string,
  values: readonly (string | undefined)[],
): void {
  for (const [index, value] of values.entries()) {
    const first = values.indexOf(value);
    if (first === index) continue;
    const message =
      value === undefined ? `may be absent once only, as in entry ${first}` : `is the same as in entry ${first}`;
    context.addIssue({ code: 'custom', path: [index, member], message });
  }
}
