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

type Match<Who> =
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
 * and the handler behind for another one, with 400. So they differ in their paths: a token for one would open another one
 * that differs in its host or its query.
 *
 * @example
 * const { middleware } = protectResources(protectResource(projects), protectResource(tables));
 */
export function protectResources<Who = Identity>(...protections: readonly Protection<Who>[]): Protections<Who> {
  const places = protections.map((protection) => placeOf(protection, protection.metadata.resource));
  if (places.length === 0) throw new GatewayError('OPTIONS_INVALID', 'There is no resource to protect');
  checkPlaces(places);
  const former = protections.flatMap((protection) => protection.formerly.map((uri) => placeOf(protection, uri)));
  const published = publish(places, former);

  function choose(path: string): Match<Who> {
    const described = published.get(path);
    if (described) return described;
    if (!isUnambiguousPath(path)) return { answer: AMBIGUOUS };
    return findHere(path) ?? findLeft(path) ?? { answer: NOT_FOUND };
  }

  /** The handler behind may have a more tolerant router, which could take it for a request to another one. */
  function findHere(path: string): Match<Who> | undefined {
    const place = findLongest(places, 'path', path);
    const tolerated = findLongest(places, 'normalised', normalisedPath(path));
    return place && (tolerated?.normalised === place.normalised ? place : { answer: AMBIGUOUS });
  }

  /** Where one was before, and nothing below: that may be the whole host. */
  function findLeft(path: string): Place<Who> | undefined {
    if (findLongest(places, 'normalised', normalisedPath(path))) return undefined;
    return former.find((each) => isSamePlace(each.path, path));
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
  readonly resource: string;
  readonly path: string;
  readonly normalised: string;
}

function placeOf<Who>(protection: Protection<Who>, resource: string): Place<Who> {
  const path = new URL(resource).pathname;
  return { protection, resource, path, normalised: normalisedPath(path) };
}

function checkPlaces(places: readonly Place<unknown>[]): void {
  for (const { path, resource } of places) {
    if (!isUnambiguousPath(path))
      throw new GatewayError('OPTIONS_INVALID', `The path of ${resource} can be read in several ways`);
    if (places.filter((each) => each.path === path).length > 1)
      throw new GatewayError('OPTIONS_INVALID', `The path of ${resource} is that of another resource`);
  }
}

/**
 * Where metadata are asked for, in the order of `createFindResource`: what is spelled so comes first, what was there last.
 * The root form (RFC 9728 §3.1 has one document a resource) can name one only: the first.
 */
function publish<Who>(...groups: readonly (readonly Place<Who>[])[]): ReadonlyMap<string, Place<Who>> {
  const published = groups.flatMap((places) => {
    const rows = places.map((place) => ({ place, paths: resourceMetadataPaths(place.resource) }));
    const most = Math.max(0, ...rows.map(({ paths }) => paths.length));
    return Array.from({ length: most }, (_, nth) => nth).flatMap((nth) =>
      rows.flatMap(({ place, paths }) => (paths[nth] === undefined ? [] : [[paths[nth], place] as const])),
    );
  });
  return new Map(published.reverse());
}

function findLongest<Who>(
  places: readonly Place<Who>[],
  spelling: 'path' | 'normalised',
  path: string,
): Place<Who> | undefined {
  const exactly = places.find((place) => place[spelling] === path);
  if (exactly) return exactly;
  const [longest] = places
    .filter((place) => isWithin(path, place[spelling]))
    .toSorted((a, b) => b[spelling].length - a[spelling].length);
  return longest;
}

/** But for the slash at the end. */
function isSamePlace(path: string, other: string): boolean {
  return path.replace(/\/$/, '') === other.replace(/\/$/, '');
}

/** By whole segments: `/mcp-admin` is not within `/mcp`. */
function isWithin(path: string, resourcePath: string): boolean {
  return (
    isSamePlace(path, resourcePath) || path.startsWith(resourcePath.endsWith('/') ? resourcePath : `${resourcePath}/`)
  );
}
