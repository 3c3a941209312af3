import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, CORS_HEADERS, sendAnswer } from './answer.ts';
import { challenge } from './challenge.ts';
import { createDecision, type Decide, type Decision } from './decision.ts';
import { GatewayError } from './gateway-error.ts';
import { type Identity, identityOf } from './identity.ts';
import { createKoaMiddleware, type KoaMiddleware } from './koa.ts';
import { challengeScopes, checkProtectionOptions, type ProtectionOptions } from './protection-options.ts';
import { fetchRequestInfo, nodeRequestInfo } from './request-info.ts';
import { createResourceMetadata, type ResourceMetadata, resourceMetadataUrl } from './resource-metadata.ts';
import { type Granted, lacks, scopesToAskFor } from './scopes.ts';

/** For `node:http` and Express. Resolves with who asks, or `undefined` when it has answered itself. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next?: Next) => Promise<Identity | undefined>;
export type Next = (error?: unknown) => unknown;

export interface Protection {
  readonly middleware: Middleware;
  readonly koa: KoaMiddleware;
  /** For handlers of the Fetch API: who asks, or the answer to give instead. */
  readonly authenticate: (request: Request) => Promise<Identity | Response>;
  /** After `middleware`: refuses who lacks one of the scopes, in Express or `node:http`. */
  readonly requireScopes: (...scopes: string[]) => Middleware;
  /** After `koa`: the same for Koa. */
  readonly requireScopesKoa: (...scopes: string[]) => KoaMiddleware;
  /** The 403 that names the missing scopes, written to a response. */
  readonly refuse: (res: ServerResponse, who: Granted, ...scopes: string[]) => void;
  /** The same 403 as a value, for fetch handlers: `new Response(answer.body, answer)`. */
  readonly refusal: (who: Granted, ...scopes: string[]) => Answer;
  readonly metadata: ResourceMetadata;
  readonly metadataUrl: string;
}

/**
 * Puts an authorization server in front of a resource: serves its metadata, lets verified requests through with the
 * identity in `req.auth`, answers all others.
 *
 * @example
 * const protection = protectResource({ issuer, resource, scopes: ['project:read'] });
 * app.use(protection.middleware);
 */
export function protectResource(options: ProtectionOptions): Protection {
  checkProtectionOptions(options);
  const metadataUrl = resourceMetadataUrl(options.resource);
  const metadata = createResourceMetadata({ scopesSupported: challengeScopes(options), ...options });
  const decide = createDecision(options, metadata);

  function refusal(who: Granted, ...scopes: string[]): Answer {
    const error = new GatewayError(
      'SCOPE_INSUFFICIENT',
      `Needed: ${scopes.join(' ')}; granted: ${who.scopes.join(' ')}`,
    );
    options.onRefusal?.(error);
    // An identity knows as what its client asked for the resource.
    const { resourceMetadataUrl: ownUrl = metadataUrl } = who as Partial<Identity>;
    return challenge(error, { metadataUrl: ownUrl, scopes: scopesToAskFor(who, scopes) });
  }

  function decideScopes(req: IncomingMessage, scopes: string[]): Decision {
    const identity = identityOf(req);
    return lacks(identity, ...scopes) ? { answer: refusal(identity, ...scopes) } : { identity };
  }

  return {
    middleware: createMiddleware((req) => decide(nodeRequestInfo(req))),
    koa: createKoaMiddleware((req) => decide(nodeRequestInfo(req))),
    authenticate: createAuthenticate(decide),
    requireScopes: (...scopes) => createMiddleware(async (req) => decideScopes(req, scopes)),
    requireScopesKoa: (...scopes) => createKoaMiddleware(async (req) => decideScopes(req, scopes)),
    refuse: (res, who, ...scopes) => sendAnswer(res, refusal(who, ...scopes)),
    refusal,
    metadata,
    metadataUrl,
  };
}

export function createAuthenticate(decide: Decide): Protection['authenticate'] {
  return async function authenticate(request) {
    const { answer, identity } = await decide(fetchRequestInfo(request));
    return answer ? new Response(answer.body, answer) : identity;
  };
}

export function createMiddleware(decide: (req: IncomingMessage) => Promise<Decision>): Middleware {
  return async function protect(req, res, next) {
    const { answer, identity } = await decide(req);
    if (answer !== undefined) {
      sendAnswer(res, answer);
      return undefined;
    }
    for (const [name, value] of Object.entries(CORS_HEADERS)) res.setHeader(name, value);
    Object.assign(req, { auth: identity });
    await next?.();
    return identity;
  };
}
