import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createKeySet,
  type Identity,
  identityOf,
  protectResource,
  resourceMetadataPaths,
  verifyAccessToken,
} from '@bkend/mcp-gateway';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Clock } from '../../src/clock.ts';
import type { AuthorizationServer } from '../../src/composition/plugin.ts';
import type { Revision } from './clients.ts';

/** Who may come in; answers everyone else. */
type Admit = (req: IncomingMessage, res: ServerResponse) => Promise<Identity | undefined>;

/**
 * Instead of the demonstration: an MCP server that was written for an older revision and speaks no other, at the
 * issuer's own path, with one tool.
 */
export function mountOlderMcpServer({ app, issuer }: AuthorizationServer, revision: Revision, { now }: Clock): void {
  const admit =
    revision === '2025-03-26' ? admitWithoutMetadata(issuer, now) : admitWithoutChallengeScopes(issuer, now);
  const paths = [new URL(issuer).pathname, ...(revision === '2025-03-26' ? [] : resourceMetadataPaths(issuer))];
  const answer = toNodeHandler(
    createMcpHandler(({ authInfo }) => createServer(identityOf({ auth: authInfo }), revision)),
  );

  if (revision === '2025-03-26') {
    // As on an origin of its own: nothing there knows of resource metadata. In front of this server's, which publishes them.
    app.middleware.unshift(async (ctx, next) => {
      if (!ctx.path.startsWith('/.well-known/oauth-protected-resource')) return next();
      ctx.status = 404;
      ctx.body = {};
    });
  }

  app.use(async function serveOlderMcp(ctx, next) {
    if (!paths.includes(ctx.path)) return next();
    ctx.respond = false;
    const auth = await admit(ctx.req, ctx.res);
    if (auth) await answer(Object.assign(ctx.req, { auth }) as NodeIncomingMessageLike, ctx.res);
  });
}

/** 2025-03-26: a bare 401; whoever wants a token asks the server's own origin for it. */
function admitWithoutMetadata(issuer: string, now: Clock['now']): Admit {
  const keys = createKeySet({ issuer });
  return async ({ headers: { authorization = '' } }, res) => {
    try {
      return await verifyAccessToken(authorization.replace('Bearer ', ''), { issuer, resource: issuer, keys, now });
    } catch {
      res.writeHead(401).end();
      return undefined;
    }
  };
}

/** 2025-06-18: resource metadata (RFC 9728), and a challenge that leads to it but names no scope. */
function admitWithoutChallengeScopes(issuer: string, now: Clock['now']): Admit {
  const scopesSupported = ['organization:read', 'project:read'];
  const { middleware } = protectResource({ issuer, resource: issuer, scopes: [], scopesSupported, now });
  return middleware;
}

function createServer(identity: Identity, revision: Revision): McpServer {
  const server = new McpServer({ name: 'older', version: '1.0.0' }, { supportedProtocolVersions: [revision] });
  const outputSchema = z.object({ account: z.string(), connection: z.string() });
  server.registerTool('whoami', { outputSchema }, async () => {
    const structuredContent = { account: identity.accountId, connection: identity.connectionId };
    return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
  });
  return server;
}
