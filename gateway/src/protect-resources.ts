import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, jsonAnswer, sendAnswer } from './answer.ts';
import { filterTools } from './fetch-filter.ts';
import { GatewayError } from './gateway-error.ts';
import type { Identity } from './identity.ts';
import type { KoaContext } from './koa.ts';
import type { Next, Protection } from './protect-resource.ts';
import { fetchRequestInfo, nodeRequestInfo } from './request-info.ts';
import { resourceMetadataPaths } from './resource-metadata.ts';
import { isUnambiguousPath, normalisedPath } from './unambiguous-path.ts';

export type Protections<Who = Identity> = Pick<Protection<Who>, 'middleware' | 'koa' | 'authenticate' | 'filterTools'>;

type Choice<Who> =
  | { readonly protection: Protection<Who>; readonly answer?: never }
  | { readonly answer: Answer; readonly protection?: never };

const NOT_FOUND = jsonAnswer(404, { error: 'not_found' });
const AMBIGUOUS = jsonAnswer(400, {
  error: 'invalid_request',
  error_description: 'The path can be read in more than one way',
});

/**
 * Several resources of one host behind one middleware: each request goes to the resource whose path is the longest that
 * it begins with. What belongs to none is answered with 404, never let through; and what we could take for one of them
 * and the handler behind for another one, with 400.
 *
 * @example
 * const { middleware } = protectResources(protectResource(projects), protectResource(tables));
 */
export function protectResources<Who = Identity>(...protections: readonly Protection<Who>[]): Protections<Who> {
  const places = protections.map((protection) => placeOf(protection));
  if (places.length === 0) throw new GatewayError('OPTIONS_INVALID', 'There is no resource to protect');
  // The root form of the metadata (RFC 9728 §3.1 has one document a resource) can name one only: the first.
  const published = protections.flatMap((protection) =>
    resourceMetadataPaths(protection.metadata.resource).map((path) => ({ protection, path })),
  );

  function choose(path: string): Choice<Who> {
    const exactly = published.find((each) => each.path === path);
    if (exactly) return exactly;
    if (!isUnambiguousPath(path)) return { answer: AMBIGUOUS };
    const place = findLongest(places, 'path', path);
    if (!place) return { answer: NOT_FOUND };
    // The handler behind may have a more tolerant router, which could take it for a request to another one.
    const tolerated = findLongest(places, 'normalised', normalisedPath(path));
    return tolerated?.normalised === place.normalised ? place : { answer: AMBIGUOUS };
  }

  return {
    async middleware(req: IncomingMessage, res: ServerResponse, next?: Next) {
      const { protection, answer } = choose(nodeRequestInfo(req).path);
      if (protection) return protection.middleware(req, res, next);
      sendAnswer(res, answer);
      return undefined;
    },
    async koa(ctx: KoaContext, next: () => Promise<unknown>) {
      const { protection, answer } = choose(nodeRequestInfo(ctx.req).path);
      if (protection) return protection.koa(ctx, next);
      ctx.set(answer.headers);
      ctx.status = answer.status;
      ctx.body = answer.body;
    },
    async authenticate(request: Request, parsed?: unknown) {
      const { protection, answer } = choose(fetchRequestInfo(request).path);
      return protection ? protection.authenticate(request, parsed) : new Response(answer.body, answer);
    },
    filterTools,
  };
}

interface Place<Who> {
  readonly protection: Protection<Who>;
  readonly path: string;
  readonly normalised: string;
}

function placeOf<Who>(protection: Protection<Who>): Place<Who> {
  const { resource } = protection.metadata;
  const path = new URL(resource).pathname;
  if (!isUnambiguousPath(path))
    throw new GatewayError('OPTIONS_INVALID', `The path of ${resource} can be read in several ways`);
  return { protection, path, normalised: normalisedPath(path) };
}

function findLongest<Who>(
  places: readonly Place<Who>[],
  spelling: 'path' | 'normalised',
  path: string,
): Place<Who> | undefined {
  const [longest] = places
    .filter((place) => isWithin(path, place[spelling]))
    .toSorted((a, b) => b[spelling].length - a[spelling].length);
  return longest;
}

/** By whole segments: `/mcp-admin` is not within `/mcp`. */
function isWithin(path: string, resourcePath: string): boolean {
  return path === resourcePath || path.startsWith(resourcePath.endsWith('/') ? resourcePath : `${resourcePath}/`);
}
