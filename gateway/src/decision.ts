import { type Answer, jsonAnswer, preflightAnswer } from './answer.ts';
import { challenge } from './challenge.ts';
import { GatewayError } from './gateway-error.ts';
import type { Identity } from './identity.ts';
import { createKeySet } from './key-set.ts';
import { challengeScopes, type ProtectionOptions } from './protection-options.ts';
import type { RequestInfo } from './request-info.ts';
import {
  createAskedResource,
  findDescribedResource,
  type ResourceMetadata,
  resourceMetadataUrl,
} from './resource-metadata.ts';
import { lacks, resourceScopes, scopesToAskFor } from './scopes.ts';
import { createTokenCache } from './token-cache.ts';
import { verifyAccessToken } from './verify-access-token.ts';

/** Either the request is answered here, or it goes on with an identity. */
export type Decision =
  | { readonly answer: Answer; readonly identity?: never }
  | { readonly identity: Identity; readonly answer?: never };

export type Decide = (request: RequestInfo) => Promise<Decision>;

const DEFAULT_CACHE_SIZE = 5_000; // a few megabytes at most

const NOT_FOUND = jsonAnswer(404, { error: 'not_found' });

/** What becomes of a request: the order of the questions, whatever the framework. */
export function createDecision(options: ProtectionOptions, metadata: ResourceMetadata): Decide {
  const keys = options.keys ?? createKeySet(options);
  const cache = createTokenCache(options.cacheSize ?? DEFAULT_CACHE_SIZE);
  const askedResource = createAskedResource(options);
  const wellKnown = ['', new URL(metadata.resource).pathname].map(
    (place) => `${place.replace(/\/$/, '')}/.well-known/`,
  );
  const required = resourceScopes(options.scopes);

  function refuse(error: GatewayError, metadataUrl: string, scopes = challengeScopes(options)): Decision {
    options.onRefusal?.(error);
    return { answer: challenge(error, { metadataUrl, scopes }) };
  }

  function checkScopes(identity: Identity): Decision {
    if (!lacks(identity, ...required)) return { identity };
    const error = new GatewayError('SCOPE_INSUFFICIENT', `Every request needs ${required.join(' ')}`);
    return refuse(error, identity.resourceMetadataUrl, scopesToAskFor(identity, required));
  }

  async function verify(token: string | undefined, metadataUrl: string): Promise<Decision> {
    if (token === undefined)
      return refuse(new GatewayError('TOKEN_MISSING', 'No bearer token in the header'), metadataUrl);
    try {
      const identity = await verifyAccessToken(token, { ...options, keys, cache });
      // Whoever asks for more scopes is led to the same document.
      return checkScopes({ ...identity, resourceMetadataUrl: metadataUrl });
    } catch (error) {
      if (error instanceof GatewayError) return refuse(error, metadataUrl);
      throw error;
    }
  }

  /** Clients probe for documents of an authorization server, too: one that is asked for a token there gives up. */
  function answerWellKnown(request: RequestInfo): Answer {
    if (request.method === 'OPTIONS') return preflightAnswer(request.askedHeaders);
    const resource = findDescribedResource(request, askedResource);
    return resource === undefined ? NOT_FOUND : metadataAnswer(request.method, { ...metadata, resource });
  }

  return async function decide(request) {
    if (wellKnown.some((place) => request.path.startsWith(place))) return { answer: answerWellKnown(request) };
    // A preflight never carries the token (Fetch §3.2.2), so it cannot be asked for one.
    if (request.method === 'OPTIONS') return { answer: preflightAnswer(request.askedHeaders) };
    const resource = askedResource(request) ?? metadata.resource;
    return verify(findBearerToken(request.authorization), resourceMetadataUrl(resource));
  };
}

function metadataAnswer(method: string | undefined, metadata: ResourceMetadata): Answer {
  if (method === 'GET' || method === 'HEAD')
    return jsonAnswer(200, metadata, { 'cache-control': 'public, max-age=300' });
  const error = { error: 'invalid_request', error_description: 'Only GET is allowed here' };
  return jsonAnswer(405, error, { allow: 'GET, HEAD, OPTIONS' });
}

/** Only the header (RFC 6750 §2.1): a token in the URL is in every log and every Referer. */
function findBearerToken(authorization = ''): string | undefined {
  return /^Bearer +(\S.*)$/i.exec(authorization)?.[1]?.trim();
}
