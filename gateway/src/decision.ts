import { type Answer, jsonAnswer, preflightAnswer } from './answer.ts';
import { challenge } from './challenge.ts';
import { createDemands, type Demand } from './demand.ts';
import { GatewayError } from './gateway-error.ts';
import type { Identity } from './identity.ts';
import { createKeySet } from './key-set.ts';
import { createNobody, type Nobody } from './nobody.ts';
import { challengeScopes, type LazyProtectionOptions } from './protection-options.ts';
import type { RequestInfo } from './request-info.ts';
import {
  createAskedResource,
  findDescribedResource,
  type ResourceMetadata,
  resourceMetadataUrl,
} from './resource-metadata.ts';
import { lacks, resourceScopes, scopesToAskFor } from './scopes.ts';
import { createTokenCache } from './token-cache.ts';
import type { ToolsFilter } from './tools-filter.ts';
import { verifyAccessToken } from './verify-access-token.ts';

/** Either the request is answered here, or it goes on with who asks, and its answer perhaps through a filter. */
export type Decision<Who = Identity | Nobody> =
  | { readonly answer: Answer; readonly who?: never; readonly filter?: never }
  | { readonly who: Who; readonly filter?: ToolsFilter | undefined; readonly answer?: never };

export type Decide = (request: RequestInfo) => Promise<Decision>;

const DEFAULT_CACHE_SIZE = 5_000; // a few megabytes at most

const NOT_FOUND = jsonAnswer(404, { error: 'not_found' });

/** What becomes of a request: the order of the questions, whatever the framework. */
export function createDecision(options: LazyProtectionOptions, metadata: ResourceMetadata): Decide {
  const keys = options.keys ?? createKeySet(options);
  const cache = createTokenCache(options.cacheSize ?? DEFAULT_CACHE_SIZE);
  const askedResource = createAskedResource(options);
  const demands = createDemands(options);
  const wellKnown = ['', new URL(metadata.resource).pathname].map(
    (place) => `${place.replace(/\/$/, '')}/.well-known/`,
  );

  function refuse(error: GatewayError, metadataUrl: string, scopes = challengeScopes(options)): Decision<never> {
    options.onRefusal?.(error);
    return { answer: challenge(error, { metadataUrl, scopes }) };
  }

  async function verify(token: string, metadataUrl: string): Promise<Decision<Identity>> {
    try {
      const identity = await verifyAccessToken(token, { ...options, keys, cache });
      // Whoever asks for more scopes is led to the same document.
      return { who: { ...identity, resourceMetadataUrl: metadataUrl } };
    } catch (error) {
      if (error instanceof GatewayError) return refuse(error, metadataUrl);
      throw error;
    }
  }

  /** What the request needs, of whoever sends it; or the answer to one whose body is not read to its end. */
  async function findDemand(request: RequestInfo): Promise<Demand | Answer> {
    const demand = await demands.find(request, askedResource(request) !== undefined);
    if (typeof demand !== 'string') return demand;
    options.onRefusal?.(UNREAD[demand].error);
    return UNREAD[demand].answer;
  }

  async function decideAbout(identity: Identity, request: RequestInfo): Promise<Decision> {
    const demand = await findDemand(request);
    if ('status' in demand) return { answer: demand };
    const needed = resourceScopes(demand.scopes);
    if (lacks(identity, ...needed)) {
      const error = new GatewayError('SCOPE_INSUFFICIENT', `This request needs ${needed.join(' ')}`);
      return refuse(error, identity.resourceMetadataUrl, scopesToAskFor(identity, needed));
    }
    return { who: identity, filter: demand.listsTools ? filterFor(identity) : undefined };
  }

  /** Only of tokens: whoever has none sees every tool, or would never call what leads to the sign-in page. */
  function filterFor(identity: Identity): ToolsFilter | undefined {
    if (!options.filterTools) return undefined;
    const allows = (name: string) => !lacks(identity, ...resourceScopes(demands.ofTool(name)));
    return { allows, onRefusal: (error) => options.onRefusal?.(error) };
  }

  async function decideAboutNobody(request: RequestInfo, metadataUrl: string): Promise<Decision> {
    const missing = new GatewayError('TOKEN_MISSING', 'No bearer token in the header');
    // Skip reading the body if no table needs it.
    if (!demands.hasOpen || askedResource(request) === undefined) return refuse(missing, metadataUrl);
    // The official clients ask for a stream as soon as they are connected, and would sign in for a 401.
    const isPost = request.method === 'POST';
    if (!isPost && demands.isConnectingOpen) return { answer: methodNotAllowed('POST, OPTIONS') };
    const demand = await findDemand(request);
    if ('status' in demand) return { answer: demand };
    if (demand.isOpen) return { who: createNobody(metadataUrl) };
    return refuse(missing, metadataUrl, resourceScopes([...challengeScopes(options), ...demand.scopes]));
  }

  /** Clients probe for documents of an authorization server, too: one that is asked for a token there gives up. */
  function answerWellKnown(request: RequestInfo): Answer {
    if (request.method === 'OPTIONS') return preflightAnswer(request.askedHeaders);
    const resource = findDescribedResource(request, askedResource);
    return resource === undefined ? NOT_FOUND : metadataAnswer(request.method, { ...metadata, resource });
  }

  return async function decide(request) {
    if (wellKnown.some((place) => request.path.startsWith(place))) return { answer: answerWellKnown(request) };
    // A preflight never carries the token (Fetch §3.3.2), so it cannot be asked for one.
    if (request.method === 'OPTIONS') return { answer: preflightAnswer(request.askedHeaders) };
    const metadataUrl = resourceMetadataUrl(askedResource(request) ?? metadata.resource);
    const token = findBearerToken(request.authorization);
    if (token === undefined) return decideAboutNobody(request, metadataUrl);
    const { who, answer } = await verify(token, metadataUrl);
    return answer ? { answer } : decideAbout(who, request);
  };
}

function metadataAnswer(method: string | undefined, metadata: ResourceMetadata): Answer {
  if (method === 'GET' || method === 'HEAD')
    return jsonAnswer(200, metadata, { 'cache-control': 'public, max-age=300' });
  return methodNotAllowed('GET, HEAD, OPTIONS');
}

function methodNotAllowed(allow: string): Answer {
  const error = { error: 'invalid_request', error_description: `Only ${allow} is allowed here` };
  return jsonAnswer(405, error, { allow });
}

const UNREAD = {
  'too long': unread(413, 'BODY_TOO_LONG', 'The body is too long'),
  'too slow': unread(408, 'BODY_TOO_SLOW', 'The body did not arrive in time'),
};

function unread(status: number, code: 'BODY_TOO_LONG' | 'BODY_TOO_SLOW', message: string) {
  const answer = jsonAnswer(status, { error: 'invalid_request', error_description: message });
  return { error: new GatewayError(code, message), answer };
}

/** Only the header (RFC 6750 §2.1): a token in the URL is in every log and every Referer. */
function findBearerToken(authorization = ''): string | undefined {
  return /^Bearer +(\S.*)$/i.exec(authorization)?.[1]?.trim();
}
