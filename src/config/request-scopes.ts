import { z } from 'zod';

/** What a request needs, by what it says in its headers: the members of a resource that forward authentication reads. */
export const requestScopesMembers = {
  requiredScopes: scopes().prefault([]).meta({
    description: 'what every request through a proxy needs (forward authentication)',
    example: '["project:read"]',
    note: 'scopes of this resource',
  }),
  tools: table('tools').prefault({}).meta({
    description: 'what a call of a tool needs beside `requiredScopes`, by the name in `Mcp-Name`',
    example: '{ "create_project": ["project:create"], "*": ["project:read"] }',
    note: '`*` for every other tool',
    fallback: '`{}`',
  }),
  methods: table('methods').prefault({}).meta({
    description: 'what a method of the protocol needs beside `requiredScopes`, by the name in `Mcp-Method`',
    example: '{ "resources/read": ["project:read"] }',
    note: '`*` for every other method',
    fallback: '`{}`',
  }),
  unnamedRequests: scopes().prefault([]).meta({
    description:
      'what a POST needs beside `requiredScopes` that does not name its method, as those of protocol revisions before 2026-07-28',
    example: '["project:create"]',
    note: 'it may call any tool: list here whatever `tools` guards, unless the MCP server decides by `X-Scopes` itself',
  }),
};

function scopes() {
  return z.array(z.string('must be a scope'), 'must be a list of scopes');
}

function table(what: string) {
  const name = z.string().min(1, 'must have a name');
  return z.record(name, scopes(), `must be an object with a list of scopes for each of the ${what}`);
}
