import { type Identity, stepUp } from '@bkend/mcp-gateway';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Projects } from './projects.ts';

const PROJECT = z.object({ id: z.string(), name: z.string() });

/** Throws when nobody is signed in. */
type Who = () => Identity;

/** The tools as one person may use them. A server is made for each request, so the identity is simply at hand. */
export function createToolServer(who: Who, projects: Projects): McpServer {
  const server = new McpServer({ name: 'demonstration', title: 'Demonstration', version: '1.0.0' });
  registerWhoami(server, who);
  registerListProjects(server, who, projects);
  registerCreateProject(server, who, projects);
  return server;
}

function registerWhoami(server: McpServer, who: Who): void {
  const outputSchema = z.object({
    account: z.string(),
    organization: z.object({ id: z.string(), slug: z.string(), role: z.string() }),
    scopes: z.array(z.string()),
    connection: z.string(),
  });
  const description = 'Who is signed in, for which organization, with which permissions.';
  const annotations = { readOnlyHint: true };
  server.registerTool('whoami', { title: 'Who am I', description, outputSchema, annotations }, async () => {
    const { accountId, organizationId, organizationSlug, organizationRole, scopes, connectionId } = who();
    return presentResult({
      account: accountId,
      organization: { id: organizationId, slug: organizationSlug, role: organizationRole },
      scopes,
      connection: connectionId,
    });
  });
}

function registerListProjects(server: McpServer, who: Who, projects: Projects): void {
  const options = {
    title: 'List projects',
    description: 'The projects of the organization.',
    outputSchema: z.object({ projects: z.array(PROJECT) }),
    annotations: { readOnlyHint: true },
    // The scope is said where the tool is: HTTP 403 with the challenge, before the tool runs.
    scopeChallenge: () => stepUp(who(), 'project:read'),
  };
  server.registerTool('list_projects', options, async () =>
    presentResult({ projects: projects.list(who().organizationId) }),
  );
}

function registerCreateProject(server: McpServer, who: Who, projects: Projects): void {
  const options = {
    title: 'Create project',
    description: 'Adds a project to the organization.',
    inputSchema: z.object({ name: z.string().trim().min(1).max(100) }),
    outputSchema: z.object({ project: PROJECT }),
    scopeChallenge: () => stepUp(who(), 'project:create'),
  };
  server.registerTool('create_project', options, async ({ name }) =>
    presentResult({ project: projects.create(who().organizationId, name) }),
  );
}

/** For everybody: it asks for nobody. */
export function registerSearchDocs(server: McpServer): void {
  const options = {
    title: 'Search the documentation',
    description: 'Finds pages of the documentation; needs nobody to be signed in where the server is lazy.',
    inputSchema: z.object({ text: z.string().max(200) }),
    outputSchema: z.object({ pages: z.array(z.string()) }),
    annotations: { readOnlyHint: true },
  };
  server.registerTool('search_docs', options, async ({ text }) =>
    presentResult({ pages: PAGES.filter((page) => page.toLowerCase().includes(text.toLowerCase())) }),
  );
}

const PAGES = ['Create a project', 'Name a project', 'Invite somebody'];

/** Text for clients that know only text, structure for the others. */
function presentResult(structuredContent: Record<string, unknown>) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(structuredContent, null, 2) }], structuredContent };
}
