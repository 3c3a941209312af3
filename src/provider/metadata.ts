import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import { pathOfIssuer } from '../http/index.ts';
import { type Catalogue, identityScopes } from '../resources/index.ts';
import { at } from './routes.ts';

const oauth = '/.well-known/oauth-authorization-server';
const openid = '/.well-known/openid-configuration';

/** Every URL under which some client looks for the metadata (RFC 8414 §3, OpenID Connect Discovery §4, R1). */
export function metadataPaths(issuer: string): string[] {
  const path = pathOfIssuer(issuer);
  return [...new Set([oauth, openid].flatMap((document) => [document, `${document}${path}`, `${path}${document}`]))];
}

/** One and the same document on all of them: the provider's own, completed by what only the catalogue knows. */
export function serveMetadata(issuer: string, catalogue: Catalogue): Middleware {
  // R7: only what consent can really grant; concrete scopes, so that a client that asks for all of them shows each.
  const scopes = [...new Set(catalogue.resources.flatMap((resource) => resource.scopes.map(({ name }) => name)))];

  return at(metadataPaths(issuer), async function metadata(ctx, next) {
    useRootDocument(ctx.req as IncomingMessage & { originalUrl?: string });
    await next();
    const document = ctx.body as { scopes_supported?: string[] } | undefined;
    if (document?.scopes_supported) document.scopes_supported = [...scopes, ...identityScopes];
  });

  function useRootDocument(req: IncomingMessage & { originalUrl?: string }) {
    req.url = oauth;
    // Below Express, oidc-provider 9.13 derives a mount path from the difference between these two.
    if (req.originalUrl) req.originalUrl = oauth;
  }
}
