import { z } from 'zod';
import { findUrlIssue } from './canonical-url.ts';
import { didYouMean } from './issues.ts';
import { texts } from './languages.ts';
import { isFilled, text, uniqueBy, words } from './schema.ts';
import { findScopeNameIssue } from './scope-names.ts';

const scopeSchema = z.strictObject(
  {
    name: text(findScopeNameIssue).meta({
      description: 'the scope',
      example: 'project:read',
      note: 'subject and action, parted by the last colon; no wildcard',
    }),
    group: texts().meta({ description: 'what the consent page gathers it under', example: 'Project' }),
    sentence: texts().meta({
      description: 'what it permits, in one plain sentence for the person who approves',
      example: '{ "en": "See projects and their settings", "ko": "프로젝트와 그 설정 보기" }',
      note: 'by language, or one text for all',
    }),
  },
  'must be an object with name, group and sentence',
);

/** What a request needs, by what it says in its headers: the members of a resource that forward authentication reads. */
const requestScopes = {
  requiredScopes: scopeList().prefault([]).meta({
    description: 'what every request through a proxy needs (forward authentication)',
    example: '["project:read"]',
    note: 'scopes of this resource',
  }),
  tools: scopeTable('tools').prefault({}).meta({
    description: 'what a call of a tool needs beside `requiredScopes`, by the name in `Mcp-Name`',
    example: '{ "create_project": ["project:create"], "search_docs": "open", "*": ["project:read"] }',
    note: '`*` for every other tool; `"open"` for one that needs no token, at revision 2026-07-28 or later',
    fallback: '`{}`',
  }),
  methods: scopeTable('methods').prefault({}).meta({
    description: 'what a method of the protocol needs beside `requiredScopes`, by the name in `Mcp-Method`',
    example: '{ "resources/read": ["project:read"], "tools/list": "open" }',
    note: '`*` for every other method; `"open"` for one that needs no token, at revision 2026-07-28 or later, which alone names it; not for `tools/call`, which is up to `tools`',
    fallback: '`{}`',
  }),
  unnamedRequests: scopeList().prefault([]).meta({
    description:
      'what a POST that does not name its method needs beside `requiredScopes`; before revision 2026-07-28 none does',
    example: '["project:create"]',
    note: 'it may call any tool: list here whatever `tools` guards, unless the MCP server decides by `X-Scopes` itself',
  }),
};

const resourceSchema = z
  .strictObject(
    {
      uri: text(findUrlIssue).optional().meta({
        description: 'the URL of the protected resource (RFC 8707)',
        note: 'in canonical spelling; at most one resource is without',
        fallback: 'the issuer itself',
      }),
      formerly: z.array(text(findUrlIssue), 'must be a list of URLs').optional().meta({
        description:
          'its former URLs: connections that were made for them keep working, and their next tokens are for `uri`',
        example: '["https://auth.example.com"]',
        note: 'in canonical spelling; never the URL of another resource',
        fallback: '`[]`',
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
      metadataScopes: z
        .array(z.string('must be a scope or a wildcard'), 'must be a list of scopes or wildcards')
        .optional()
        .meta({
          description: '`scopes_supported` of its metadata: what a tool asks for when the challenge names no `scope`',
          example: '["*:read"]',
          note: 'scopes or wildcards, as few as are of use; `requiredScopes` are added',
          fallback: '`defaultScopes`',
        }),
      scopes: z
        .array(scopeSchema, 'must be a list of scopes')
        .refine(isFilled, 'must hold at least one scope')
        .superRefine(uniqueBy('name'))
        .meta({ description: 'what may be permitted', note: 'in the order in which tokens and pages list them' }),
      ...requestScopes,
    },
    'must be an object with name, defaultScopes and scopes',
  )
  .superRefine((resource, context) => {
    if (resource.methods['tools/call'] === 'open')
      context.addIssue({
        code: 'custom',
        path: ['methods', 'tools/call'],
        message: 'cannot be open: say it of each tool, in `tools`',
      });
    const offered = resource.scopes.map(({ name }) => name);
    for (const { path, scope } of neededScopes(resource)) {
      if (offered.includes(scope)) continue;
      // Nobody could ever be granted it, and the tool would be refused to everybody.
      context.addIssue({ code: 'custom', path, message: `is no scope of this resource${didYouMean(scope, offered)}` });
    }
  });

export const resourcesSchema = z
  .array(resourceSchema, 'must be a list of resources')
  .refine(isFilled, 'must hold at least one resource')
  .superRefine(uniqueBy('uri'))
  .meta({ description: 'the protected resources, with what may be permitted there' });

function scopeList() {
  return z.array(z.string('must be a scope'), 'must be a list of scopes');
}

function scopeTable(what: string) {
  const name = z.string().refine(isFilled, 'must have a name');
  return z.record(
    name,
    z.union([z.literal('open'), scopeList()], 'must be a list of scopes, or "open"'),
    `must be an object with a list of scopes for each of the ${what}`,
  );
}

type RequestScopes = z.output<z.ZodObject<typeof requestScopes>>;

function neededScopes({ requiredScopes, tools, methods, unnamedRequests }: RequestScopes) {
  return [
    ...placed(['requiredScopes'], requiredScopes),
    ...Object.entries(tools).flatMap(([name, scopes]) => placed(['tools', name], scopes)),
    ...Object.entries(methods).flatMap(([name, scopes]) => placed(['methods', name], scopes)),
    ...placed(['unnamedRequests'], unnamedRequests),
  ];
}

function placed(list: readonly string[], scopes: readonly string[] | 'open') {
  if (scopes === 'open') return [];
  return scopes.map((scope, index) => ({ path: [...list, index], scope }));
}
