import type { Context } from 'koa';
import type { Catalogue, Resource } from '../resources/index.ts';
import { type OriginalRequest, type OriginalUrl, originalQueries } from './original-request.ts';

export interface ChosenResourceParts {
  readonly catalogue: Catalogue;
  readonly original: OriginalRequest;
  /** Told what is wrong with the configuration of a proxy. */
  readonly onMisconfigured: (error: string) => void;
}

type ChosenResource =
  | { readonly resource: Resource; readonly error?: never }
  | { readonly resource?: never; readonly error: string };

const errors = {
  unknown: 'The resource of the query is not configured here',
  repeated: 'The query must name one resource, and nothing else',
  foreign: 'The query is that of the client: the URL in the configuration of the proxy must have one of its own',
  none: 'Which of the resources is meant? Name it in the query: ?resource=…',
  noMatch: 'The URL that the proxy told is none of the resources: name the resource in the query',
};

/**
 * Which resource a proxy asks about. Whoever could choose that, could enter one resource with a token that a person gave
 * to another (and the gateway of the other has that token). So it is, in this order:
 * 1. `?resource=`, which the operator wrote into the configuration of the proxy;
 * 2. the only one there is;
 * 3. the one that the original URL means, if a proxy that the operator named tells it (`TRUSTED_PROXIES`).
 */
export function createChooseResource({ catalogue, original }: ChosenResourceParts) {
  return function chooseResource(ctx: Context, tail: string): ChosenResource {
    // Behind an appended path the query is the client's.
    if (tail === '' && ctx.search !== '') return chooseByQuery(ctx, catalogue);
    if (catalogue.only) return { resource: catalogue.only };
    const url = original.url(ctx, tail);
    const resource = findByUrl(url, catalogue);
    return resource ? { resource } : { error: url ? errors.noMatch : errors.none };
  };
}

/** Fails closed: a proxy that says something that cannot be meant is told so, and lets nothing pass. */
export function refuseMisconfigured(
  ctx: Context,
  error: string,
  { onMisconfigured }: Pick<ChosenResourceParts, 'onMisconfigured'>,
): void {
  onMisconfigured(error);
  ctx.status = 400;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: 'invalid_request', error_description: error };
}

function chooseByQuery(ctx: Context, catalogue: Catalogue): ChosenResource {
  // Caddy keeps the query of the request when its `uri` has none: then the client would choose.
  if (originalQueries(ctx).includes(ctx.search)) return { error: errors.foreign };
  const query = [...new URLSearchParams(ctx.search)];
  const [[name, uri] = []] = query;
  if (query.length !== 1 || name !== 'resource' || uri === undefined) return { error: errors.repeated };
  const resource = catalogue.find(uri);
  return resource ? { resource } : { error: errors.unknown };
}

/**
 * But for a slash at the end and the query (R93), byte for byte: of two spellings that we take for one URL and the proxy for
 * two (`/a/../b`), one would be checked here and the other one be served there.
 */
function findByUrl(told: OriginalUrl | undefined, { find }: Catalogue): Resource | undefined {
  const url = told && `${told.protocol}://${told.host.toLowerCase()}${told.path}`;
  return url && URL.parse(url)?.href === url ? find(url) : undefined;
}

/**
 * The URL at which the client asked, as far as a proxy that the operator named tells it and it means the resource: challenges
 * repeat it. Nothing else may be made of it: the proxy may tell what its client likes.
 */
export function findAskedUrl(told: OriginalUrl | undefined, resource: Resource, catalogue: Catalogue): string {
  return (told && findSpelling(told, resource, catalogue)) ?? resource.uri;
}

/** Whether everything that tells where the client asked means the resource: at another path the same words may mean anything. */
export function isAtResource(told: readonly OriginalUrl[], resource: Resource, catalogue: Catalogue): boolean {
  return told.every((each) => findSpelling(each, resource, catalogue) !== undefined);
}

function findSpelling({ protocol, host, path, search }: OriginalUrl, resource: Resource, { find }: Catalogue) {
  const origins = [`${protocol}://${host}`, new URL(resource.uri).origin];
  return origins.map((origin) => `${origin}${path}${search}`).find((url) => find(url) === resource);
}
