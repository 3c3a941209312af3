import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonAnswer, sendAnswer } from './answer.ts';
import { askedByFetch, askedByNode } from './asked.ts';
import { GatewayError } from './gateway-error.ts';
import type { KoaContext } from './koa.ts';
import type { Next, Protection } from './protect-resource.ts';
import { resourceMetadataPaths } from './resource-metadata.ts';

export type Protections = Pick<Protection, 'middleware' | 'koa' | 'authenticate'>;

const NOT_FOUND = jsonAnswer(404, { error: 'not_found' });

/**
 * Several resources of one host behind one middleware: each request goes to the resource whose path is the longest that
 * it begins with. What belongs to none is answered with 404, never let through.
 *
 * @example
 * const { middleware } = protectResources(protectResource(projects), protectResource(tables));
 */
export function protectResources(...protections: readonly Protection[]): Protections {
  const places = protections.map((protection) => ({
    protection,
    path: new URL(protection.metadata.resource).pathname,
  }));
  if (places.length === 0) throw new GatewayError('OPTIONS_INVALID', 'There is no resource to protect');
  const longestFirst = places.toSorted((a, b) => b.path.length - a.path.length);
  // The root form of the metadata (RFC 9728 §3.1 has one document a resource) can name one only: the first.
  const published = protections.flatMap((protection) =>
    resourceMetadataPaths(protection.metadata.resource).map((path) => ({ protection, path })),
  );

  function choose(path: string): Protection | undefined {
    const exactly = published.find((each) => each.path === path);
    return (exactly ?? longestFirst.find((each) => isWithin(path, each.path)))?.protection;
  }

  return {
    async middleware(req: IncomingMessage, res: ServerResponse, next?: Next) {
      const protection = choose(askedByNode(req).path);
      if (protection) return protection.middleware(req, res, next);
      sendAnswer(res, NOT_FOUND);
      return undefined;
    },
    async koa(ctx: KoaContext, next: () => Promise<unknown>) {
      const protection = choose(askedByNode(ctx.req).path);
      if (protection) return protection.koa(ctx, next);
      ctx.set(NOT_FOUND.headers);
      ctx.status = NOT_FOUND.status;
      ctx.body = NOT_FOUND.body;
    },
    async authenticate(request: Request) {
      const protection = choose(askedByFetch(request).path);
      return protection ? protection.authenticate(request) : new Response(NOT_FOUND.body, NOT_FOUND);
    },
  };
}

/** By whole segments: `/mcp-admin` is not within `/mcp`. */
function isWithin(path: string, resourcePath: string): boolean {
  return path === resourcePath || path.startsWith(resourcePath.endsWith('/') ? resourcePath : `${resourcePath}/`);
}
