import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, CORS_HEADERS, sendAnswer } from './answer.ts';
import { challenge } from './challenge.ts';
import { createDecision, type Decide, type Decision } from './decision.ts';
import { filterTools, keepFilter } from './fetch-filter.ts';
import { GatewayError } from './gateway-error.ts';
import { findIdentity, type Identity } from './identity.ts';
import { createKoaMiddleware, type KoaMiddleware } from './koa.ts';
import { letPass } from './let-pass.ts';
import { createNobody, type Nobody } from './nobody.ts';
import {
  challengeScopes,
  checkProtectionOptions,
  type LazyProtectionOptions,
  type ProtectionOptions,
} from './protection-options.ts';
import { fetchRequestInfo, nodeRequestInfo } from './request-info.ts';
import { createResourceMetadata, type ResourceMetadata, resourceMetadataUrl } from './resource-metadata.ts';
import { type Granted, lacks, scopesToAskFor } from './scopes.ts';

/** For `node:http` and Express. Resolves with who asks, or `undefined` when it has answered itself. */
export type Middleware<Who = Identity> = (
  req: IncomingMessage,
  res: ServerResponse,
  next?: Next,
) => Promise<Who | undefined>;
export type Next = (error?: unknown) => unknown;

/** `Who` may be `Nobody` where something is open. */
export interface Protection<Who = Identity> {
  readonly middleware: Middleware<Who>;
  readonly koa: KoaMiddleware;
  /**
   * For handlers of the Fetch API: who asks, or the answer to give instead. `parsed` is the body, where something has read it
   * already.
   */
  readonly authenticate: (request: Request, parsed?: unknown) => Promise<Who | Response>;
  /** After `authenticate`, with the option `filterTools`: the answer without the tools that the token may not call. */
  readonly filterTools: (request: Request, response: Response) => Response;
  /** After `middleware`: refuses who lacks one of the scopes, in Express or `node:http`. */
  readonly requireScopes: (...scopes: string[]) => Middleware;
  /** After `koa`: the same for Koa. */
  readonly requireScopesKoa: (...scopes: string[]) => KoaMiddleware;
  /** The 403 that names the missing scopes, written to a response; the 401 for whoever has no token. */
  readonly refuse: (res: ServerResponse, who: Granted, ...scopes: string[]) => void;
  /** The same as a value, for fetch handlers: `new Response(answer.body, answer)`. */
  readonly refusal: (who: Granted, ...scopes: string[]) => Answer;
  readonly metadata: ResourceMetadata;
  readonly metadataUrl: string;
  /** Where the resource was before. */
  readonly formerly: readonly string[];
}

/**
 * Puts an authorization server in front of a resource: serves its metadata, lets verified requests through with the
 * identity in `req.auth`, answers all others.
 *
 * @example
 * const protection = protectResource({ issuer, resource, scopes: ['project:read'] });
 * app.use(protection.middleware);
 */
export function protectResource(options: ProtectionOptions): Protection;
export function protectResource(options: LazyProtectionOptions): Protection<Identity | Nobody>;
export function protectResource(options: LazyProtectionOptions): Protection<Identity | Nobody> {
  checkProtectionOptions(options);
  const metadataUrl = resourceMetadataUrl(options.resource);
  const metadata = createResourceMetadata({ scopesSupported: challengeScopes(options), ...options });
  const decide = createDecision(options, metadata);

  function refusal(who: Granted, ...scopes: string[]): Answer {
    // The identity carries the metadata URL in the spelling in which its client asked.
    const { resourceMetadataUrl: ownUrl = metadataUrl, isNobody } = who as Partial<Identity | Nobody>;
    const error = isNobody
      ? new GatewayError('TOKEN_MISSING', `Needed: ${scopes.join(' ')}`)
      : new GatewayError('SCOPE_INSUFFICIENT', `Needed: ${scopes.join(' ')}; granted: ${who.scopes.join(' ')}`);
    options.onRefusal?.(error);
    const known = isNobody ? { scopes: challengeScopes(options) } : who;
    return challenge(error, { metadataUrl: ownUrl, scopes: scopesToAskFor(known, scopes) });
  }

  async function decideScopes(req: IncomingMessage, scopes: string[]): Promise<Decision<Identity>> {
    const identity = findIdentity(req);
    if (identity && !lacks(identity, ...scopes)) return { who: identity };
    return { answer: refusal(identity ?? createNobody(metadataUrl), ...scopes) };
  }

  return {
    middleware: createMiddleware((req) => decide(nodeRequestInfo(req))),
    koa: createKoaMiddleware((req, parsed) => decide(nodeRequestInfo(req, parsed))),
    authenticate: createAuthenticate(decide),
    filterTools,
    requireScopes: (...scopes) => createMiddleware((req) => decideScopes(req, scopes)),
    requireScopesKoa: (...scopes) => createKoaMiddleware((req) => decideScopes(req, scopes)),
    refuse: (res, who, ...scopes) => sendAnswer(res, refusal(who, ...scopes)),
    refusal,
    metadata,
    metadataUrl,
    formerly: options.formerly ?? [],
  };
}

function createAuthenticate(decide: Decide): Protection<Identity | Nobody>['authenticate'] {
  return async function authenticate(request, parsed) {
    const { answer, who, filter } = await decide(fetchRequestInfo(request, parsed));
    if (answer) return new Response(answer.body, answer);
    keepFilter(request, filter);
    return who;
  };
}

function createMiddleware<Who extends Identity | Nobody>(
  decide: (req: IncomingMessage) => Promise<Decision<Who>>,
): Middleware<Who> {
  return async function protect(req, res, next) {
    const decision = await decide(req);
    if (decision.answer !== undefined) {
      sendAnswer(res, decision.answer);
      return undefined;
    }
    for (const [name, value] of Object.entries(CORS_HEADERS)) res.setHeader(name, value);
    letPass(decision, req, res);
    await next?.();
    return decision.who;
  };
}
