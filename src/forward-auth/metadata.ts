import type { Context } from 'koa';
import type { Endpoint } from '../http/index.ts';
import type { Catalogue, Resource } from '../resources/index.ts';
import type { OriginalRequest } from './original-request.ts';
import type { Protections } from './protections.ts';

export interface MetadataParts {
  readonly issuer: string;
  readonly catalogue: Catalogue;
  readonly protections: Protections;
  readonly original: OriginalRequest;
  readonly paths: {
    /** The metadata of a resource, for proxies to publish at its well-known URL. */
    readonly protectedResource: string;
  };
}

const wellKnown = '/.well-known/oauth-protected-resource';

/** What is said of a resource (RFC 9728): at its own address where that is on this origin, and for proxies to publish elsewhere. */
export function resourceMetadataEndpoints(parts: MetadataParts): Endpoint[] {
  const { issuer, catalogue, protections, original, paths } = parts;
  const { origin } = new URL(issuer);
  const isHere = (uri: string) => new URL(uri).origin === origin;
  const here = catalogue.resources.filter(({ uri }) => isHere(uri));
  const ofRoot = catalogue.find(origin) ?? here.find((resource) => resource === catalogue.unnamed) ?? here[0];

  /** Host and query are the client's, and are repeated as far as they mean the resource; none of ours has a query. */
  async function serveHere(ctx: Context): Promise<void> {
    const tail = ctx.path.slice(wellKnown.length);
    const resource = tail === '' || tail === '/' ? ofRoot : catalogue.find(`${origin}${tail}`);
    if (!resource) return;
    const told = `${new URL(issuer).protocol}//${ctx.get('Host')}${ctx.path}${ctx.search}`;
    const asked = URL.canParse(told) ? told : `${origin}${ctx.path}${ctx.search}`;
    answer(ctx, await protections.describe(resource, asked));
  }

  async function serveToProxy(ctx: Context): Promise<void> {
    const tail = ctx.path.slice(paths.protectedResource.length);
    const named = findNamed(tail, ctx.search, catalogue);
    if (!named) return;
    // A cache must not hand what was asked with these to who asks without.
    ctx.vary('X-Original-URI, X-Original-URL, X-Forwarded-Uri, X-Forwarded-Host, X-Forwarded-Proto');
    const told = original.url(ctx, '');
    const { origin: resourceOrigin } = new URL(named.uri);
    const urls = told
      ? [`${told.protocol}://${told.host}`, resourceOrigin].map((each) => `${each}${told.path}${told.search}`)
      : namedInPath(tail, ctx.search);
    answer(ctx, await protections.describe(named, ...urls));
  }

  const places = catalogue.resources.flatMap(({ uri, formerly }) => [uri, ...formerly]).filter(isHere);
  const addresses = new Set(places.map((uri) => `${wellKnown}${new URL(uri).pathname.replace(/\/$/, '')}`));
  const common = { name: 'protected-resource', methods: ['GET'], cors: true };
  return [
    ...[...addresses, ...(ofRoot && !addresses.has(wellKnown) ? [wellKnown] : [])].map((path) => ({
      ...common,
      path,
      handler: serveHere,
    })),
    { ...common, path: `${paths.protectedResource}/*`, handler: serveToProxy },
  ];
}

function answer(ctx: Context, metadata: object | undefined): void {
  if (!metadata) return;
  ctx.set('Cache-Control', 'public, max-age=300');
  ctx.body = metadata;
}

/**
 * For proxies that can tell no URL, and put this path in place of the client's: its slash stands in the path, and the query
 * is still the client's.
 */
function namedInPath(tail: string, search: string): string[] {
  const url = URL.parse(decode(tail.slice(1)) ?? '');
  return url ? [`${url.origin}${wellKnown}${url.pathname}${search}`] : [];
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * Public, so anybody may say which: in the path, percent-encoded, or in the query, for proxies that can set only one of
 * them; or nowhere where there is only one.
 */
function findNamed(tail: string, search: string, { only, find }: Catalogue): Resource | undefined {
  const queried = new URLSearchParams(search).get('resource');
  if (tail === '') return queried === null ? only : find(queried);
  const named = tail.startsWith('/') ? decode(tail.slice(1)) : undefined;
  return named === undefined ? undefined : find(named);
}
