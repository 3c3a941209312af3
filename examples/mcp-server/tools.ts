import { type Identity, stepUp } from '@bkend/mcp-gateway';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Projects } from './projects.ts';

const PROJECT = z.object({ id: z.string(), name: z.string() });

/** The tools as one person may use them. A server is made for each request, so the identity is simply at hand. */
export function createToolServer(identity: Identity, projects: Projects): McpServer {
  const server = new McpServer({ name: 'demonstration', title: 'Demonstration', version: '1.0.0' });
  registerWhoami(server, identity);
  registerListProjects(server, identity, projects);
  registerCreateProject(server, identity, projects);
  return server;
}

function registerWhoami(server: McpServer, identity: Identity): void {
  const outputSchema = z.object({
    account: z.string(),
    organization: z.object({ id: z.string(), slug: z.string(), role: z.string() }),
    scopes: z.array(z.string()),
    connection: z.string(),
  });
  const description = 'Who is signed in, for which organization, with which permissions.';
  const annotations = { readOnlyHint: true };
  server.registerTool('whoami', { title: 'Who am I', description, outputSchema, annotations }, async () =>
    presentResult({
      account: identity.accountId,
      organization: {
        id: identity.organizationId,
        slug: identity.organizationSlug,
        role: identity.organizationRole,
      },
      scopes: identity.scopes,
      connection: identity.connectionId,
    }),
  );
}

function registerListProjects(server: McpServer, identity: Identity, projects: Projects): void {
  const options = {
    title: 'List projects',
    description: 'The projects of the organization.',
    outputSchema: z.object({ projects: z.array(PROJECT) }),
    annotations: { readOnlyHint: true },
    // The scope is said where the tool is: HTTP 403 with the challenge, before the tool runs.
    scopeChallenge: () => stepUp(identity, 'project:read'),
  };
  server.registerTool('list_projects', options, async () =>
    presentResult({ projects: projects.list(identity.organizationId) }),
  );
}

function registerCreateProject(server: McpServer, identity: Identity, projects: Projects): void {
  const options = {
    title: 'Create project',
    description: 'Adds a project to the organization.',
    inputSchema: z.object({ name: z.string().trim().min(1).max(100) }),
    outputSchema: z.object({ project: PROJECT }),
    scopeChallenge: () => stepUp(identity, 'project:create'),
  };
  server.registerTool('create_project', options, async ({ name }) =>
    presentResult({ project: projects.create(identity.organizationId, name) }),
  );
}

/** Text for clients that know only text, structure for the others. */
function presentResult(structuredContent: Record<string, unknown>) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(structuredContent, null, 2) }], structuredContent };
}
