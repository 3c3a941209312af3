import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** An MCP server that knows nothing of OAuth: whoever reaches it is who the headers say. */
const { HOST = '127.0.0.1', PORT = '4000' } = process.env;
const projects = ['Website', 'Mobile app'];

const mcp = createMcpHandler(({ requestInfo }) => {
  const server = new McpServer({ name: 'plain', title: 'Plain', version: '1.0.0' });
  const headers = Object.fromEntries(requestInfo?.headers ?? []);

  const whoami = {
    title: 'Who am I',
    description: 'The headers of this request.',
    annotations: { readOnlyHint: true },
  };
  server.registerTool('whoami', whoami, async () => result({ headers }));

  const list = { title: 'List projects', description: 'All projects.', annotations: { readOnlyHint: true } };
  server.registerTool('list_projects', list, async () => result({ projects }));

  const create = {
    title: 'Create project',
    description: 'Adds a project.',
    inputSchema: z.object({ name: z.string().trim().min(1).max(100) }),
  };
  server.registerTool('create_project', create, async ({ name }) => {
    projects.push(name);
    return result({ projects });
  });
  return server;
});

function result(structuredContent: Record<string, unknown>) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(structuredContent, null, 2) }], structuredContent };
}

const answer = toNodeHandler(mcp);
// The cast: the adapter's type (2.1.2) forbids the `undefined` that node's own request type has.
const listener = (req: IncomingMessage, res: ServerResponse) => answer(req as NodeIncomingMessageLike, res);
const server = createServer(listener).listen(Number(PORT), HOST);
process.once('SIGTERM', () => server.close());
await once(server, 'listening');
console.log(`MCP server without any authorization at http://${HOST}:${PORT}/mcp`);
