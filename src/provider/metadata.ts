import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { type Endpoint, pathOfIssuer } from '../http/index.ts';
import { type Catalogue, identityScopes } from '../resources/index.ts';

const oauth = '/.well-known/oauth-authorization-server';
const openid = '/.well-known/openid-configuration';

/** Every URL under which some client looks for the metadata (RFC 8414 §3, OpenID Connect Discovery §4, R1). */
function metadataPaths(issuer: string): string[] {
  const path = pathOfIssuer(issuer);
  return [...new Set([oauth, openid].flatMap((document) => [document, `${document}${path}`, `${path}${document}`]))];
}

/** One and the same document on all of them: the provider's own, completed by what only the catalogue knows. */
export function metadataEndpoints(issuer: string, catalogue: Catalogue): Endpoint[] {
  // R7: only what consent can really grant; concrete scopes, so that a client that asks for all of them shows each.
  const scopes = [...new Set(catalogue.resources.flatMap((resource) => resource.scopes.map(({ name }) => name)))];

  function after({ body }: Context) {
    const document = body as { scopes_supported?: string[] } | undefined;
    if (document?.scopes_supported) document.scopes_supported = [...scopes, ...identityScopes];
  }

  return metadataPaths(issuer).map((path) => ({
    name: 'discovery',
    path,
    methods: ['GET'],
    cors: true,
    before: useRootDocument,
    after,
  }));
}

function useRootDocument(ctx: Context) {
  const req = ctx.req as IncomingMessage & { originalUrl?: string };
  req.url = oauth;
  // Below Express, oidc-provider 9.13 derives a mount path from the difference between these two.
  if (req.originalUrl) req.originalUrl = oauth;
}
