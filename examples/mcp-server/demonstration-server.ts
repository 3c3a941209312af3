import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type GatewayError,
  identityOf,
  type KeySetOptions,
  protectResource,
  type Revocations,
  resourceMetadataPaths,
} from '@bkend/mcp-gateway';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { CHALLENGE_SCOPES } from './catalogue.ts';
import { createProjects } from './projects.ts';
import { createToolServer, registerSearchDocs } from './tools.ts';

export interface DemonstrationOptions extends KeySetOptions {
  /** The URL that people enter into their tool. */
  readonly resource: string;
  /** Which tokens have ended before they expire. */
  readonly revocations?: Revocations;
  readonly onRefusal?: (error: GatewayError) => void;
  /** By which tokens expire, in milliseconds. Default: `Date.now`. */
  readonly now?: () => number;
  /** Whether connecting and one of the tools need no token: the challenge comes with the first call of another one. */
  readonly isLazy?: boolean;
}

export interface DemonstrationServer {
  /** The paths it answers: the resource itself and its metadata. */
  readonly paths: readonly string[];
  /** Answers a request of `node:http`, whatever the path; never rejects. */
  readonly handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
}

/** Each tool says for itself which scopes it needs: here is only which one needs no token. */
const LAZY = {
  tools: { search_docs: 'open' },
  methods: { initialize: 'open', 'tools/list': 'open' },
} as const;

/** An MCP server (Streamable HTTP, stateless, every protocol revision the SDK knows) behind the gateway kit. */
export function createDemonstrationServer({ isLazy = false, ...options }: DemonstrationOptions): DemonstrationServer {
  const { pathname } = new URL(options.resource);
  // With a slash, too: people type one.
  const paths = [...new Set([pathname, `${pathname.replace(/\/$/, '')}/`]), ...resourceMetadataPaths(options.resource)];
  // `scopes` is empty because `whoami` needs none; each other tool says for itself what it needs.
  const protection = protectResource({
    ...options,
    scopes: [],
    challengeScopes: CHALLENGE_SCOPES,
    resourceName: 'Demonstration',
    ...(isLazy && LAZY),
  });
  const projects = createProjects();
  const mcp = createMcpHandler(({ authInfo }) => {
    const server = createToolServer(() => identityOf({ auth: authInfo }), projects);
    if (isLazy) registerSearchDocs(server);
    return server;
  });
  const answerMcp = toNodeHandler(mcp);

  return {
    paths,
    async handle(req, res) {
      if (!paths.includes(pathOf(req))) {
        answerNotFound(res);
        return;
      }
      if (!(await protection.middleware(req, res))) return;
      // What a body parser of an application in front has read already; none in front, none read.
      const { body } = req as { body?: unknown };
      // The cast: the adapter's type (2.1.2) forbids the `undefined` that node's own request type has.
      await answerMcp(req as NodeIncomingMessageLike, res, body);
    },
  };
}

/** JSON, because clients probe for documents that are not here and must not stumble over a page. */
function answerNotFound(res: ServerResponse): void {
  res.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not_found"}');
}

/** Express and others cut the mount path off `url`. */
function pathOf({ originalUrl, url = '/' }: IncomingMessage & { originalUrl?: string }): string {
  return (originalUrl ?? url).split('?', 1)[0] as string;
}
