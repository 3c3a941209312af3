import type { Context } from 'koa';
import { type Endpoint, pathOfIssuer, useTarget } from '../http/index.ts';
import { type Catalogue, identityScopes } from '../resources/index.ts';
import { responseModes } from './authorization-request.ts';

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
    const document = body as Document | undefined;
    if (!document?.scopes_supported) return;
    document.scopes_supported = [...scopes, ...identityScopes];
    document.response_modes_supported = [...responseModes];
    // RFC 8414 §2: without them revocation would take `client_secret_basic` alone, introspection who knows what. oidc-provider
    // 9.13 authenticates clients at each of its endpoints alike, and says so of one.
    for (const endpoint of ['revocation', 'introspection']) {
      if (!document[`${endpoint}_endpoint`]) continue;
      for (const member of ['auth_methods_supported', 'auth_signing_alg_values_supported']) {
        document[`${endpoint}_endpoint_${member}`] = document[`token_endpoint_${member}`];
      }
    }
  }

  return metadataPaths(issuer).map((path) => ({
    name: 'discovery',
    path,
    methods: ['GET'],
    cors: true,
    before: (ctx) => useTarget(ctx, oauth),
    after,
  }));
}

type Document = Record<string, unknown> & { scopes_supported?: string[] };
