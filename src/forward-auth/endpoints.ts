import { type Answer, lacks } from '@bkend/mcp-gateway';
import { isOpenOperation, type Operation } from '@bkend/mcp-gateway/vocabulary';
import type { Context } from 'koa';
import type { Endpoint } from '../http/index.ts';
import type { Resource } from '../resources/index.ts';
import {
  type ChosenResourceParts,
  createChooseResource,
  findAskedUrl,
  isAtResource,
  refuseMisconfigured,
} from './chosen-resource.ts';
import { nobody, presentIdentity } from './identity-headers.ts';
import { type MetadataParts, resourceMetadataEndpoints } from './metadata.ts';
import { neededScopes } from './needed-scopes.ts';
import { createOriginalRequest, originalUrls } from './original-request.ts';
import { createProtections, type ProtectionParts } from './protections.ts';
import { readOperation } from './requested-operation.ts';
import { createStoreRevocations, type StoreRevocationParts } from './store-revocations.ts';

export interface ForwardAuthParts
  extends StoreRevocationParts,
    Omit<ChosenResourceParts, 'original'>,
    Omit<ProtectionParts, 'revocations' | 'resources'> {
  readonly paths: MetadataParts['paths'] & { readonly verify: string };
  /** Whether the other end of the connection is a proxy that the operator named. */
  readonly isTrustedPeer: (ctx: Context) => boolean;
}

export function forwardAuthEndpoints(parts: ForwardAuthParts): Endpoint[] {
  const { paths, catalogue } = parts;
  const protections = createProtections({ ...parts, ...catalogue, revocations: createStoreRevocations(parts) });
  const original = createOriginalRequest(parts.isTrustedPeer);
  const chooseResource = createChooseResource({ ...parts, original });

  /** What its client wrote counts only where a server compares it with a body, and nothing else answers. */
  function isOpen(ctx: Context, operation: Operation, resource: Resource, tail: string): boolean {
    if (!isOpenOperation(operation, resource.requests) || !original.carriesAMessage(ctx)) return false;
    return isAtResource(originalUrls(ctx, tail), resource, catalogue);
  }

  async function verify(ctx: Context): Promise<void> {
    ctx.set('Cache-Control', 'no-store');
    const tail = ctx.path.slice(paths.verify.length);
    const { resource, error } = chooseResource(ctx, tail);
    if (!resource) return refuseMisconfigured(ctx, error, parts);
    const operation = readOperation(ctx.req);
    const isUnnamed = operation.method === undefined && original.mayCarryAMessage(ctx);
    if (!hasToken(ctx) && isOpen(ctx, operation, resource, tail)) return pass(ctx, nobody);
    const protection = protections.of(resource, isUnnamed);
    const asked = findAskedUrl(original.url(ctx, tail), resource, catalogue);
    const identity = await protection.authenticate(requestFor(asked, ctx.get('Authorization')));
    if (identity instanceof Response) return refuse(ctx, await answerFrom(identity));
    const needed = neededScopes(operation, isUnnamed, resource.requests);
    if (lacks(identity, ...needed)) return refuse(ctx, protection.refusal(identity, ...needed));
    pass(ctx, presentIdentity(identity));
  }

  return [
    // Any method: some proxies ask with GET, others with that of the request that they hold. Envoy appends its path.
    { name: 'verify', path: `${paths.verify}/*`, methods: allMethods, handler: verify },
    ...resourceMetadataEndpoints({ ...parts, protections, original }),
  ];
}

const allMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** What the kit is asked: always a GET, because it lets a preflight pass, and a proxy would take that for a yes. */
function requestFor(url: string, authorization: string): Request {
  return new Request(url, { headers: authorization ? { authorization } : {} });
}

/** One that was sent is judged, also where none is needed: a tool whose token ended must learn that. */
function hasToken(ctx: Context): boolean {
  return /^Bearer +\S/i.test(ctx.get('Authorization'));
}

function pass(ctx: Context, who: Record<string, string>): void {
  ctx.set(who);
  ctx.body = '';
}

async function answerFrom(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers: Object.fromEntries(headers), body: await response.text() };
}

function refuse(ctx: Context, { status, headers, body }: Answer): void {
  ctx.status = status;
  ctx.set(headers);
  // nginx hands on headers of a refusal, but no body.
  ctx.set('X-Refusal', body ?? '');
  ctx.body = body;
}
