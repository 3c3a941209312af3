import { type AsymmetricSigningAlgorithm, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Catalogue, Resource } from '../resources/index.ts';

interface Parts {
  readonly catalogue: Catalogue;
  readonly accessTokenTtl: number;
  readonly algorithm: string;
}

/** Resource indicators (RFC 8707): the catalogue decides, and every access token is a JWT for one resource (RFC 9068). */
export function createResourceIndicators(parts: Parts) {
  const { catalogue, accessTokenTtl, algorithm } = parts;
  const known = catalogue.resources.map(({ uri }) => uri).join(', ');

  return {
    enabled: true,
    useGrantedResource: () => true,

    defaultResource(_ctx: KoaContextWithOIDC, _client: unknown, oneOf?: readonly string[]) {
      const uri = oneOf?.length === 1 ? oneOf[0] : catalogue.unnamed?.uri;
      if (!uri) throw new errors.InvalidTarget(`name one resource of: ${known}`);
      return uri;
    },

    getResourceServerInfo(ctx: KoaContextWithOIDC, uri: string) {
      const resource = catalogue.find(uri);
      // RFC 8707 §2: an unknown resource is refused, not ignored.
      if (!resource) throw new errors.InvalidTarget(`unknown resource; this server issues tokens for: ${known}`);
      // A connection is for one resource (R84): a token for two would be accepted where the person did not send it.
      if (Object.keys(ctx.oidc.resourceServers ?? {}).some((other) => other !== uri)) {
        throw new errors.InvalidTarget('one resource at a time');
      }
      return {
        scope: grantableScopes(ctx, resource).join(' '),
        audience: resource.uri,
        accessTokenTTL: accessTokenTtl,
        accessTokenFormat: 'jwt' as const,
        jwt: { sign: { alg: algorithm as AsymmetricSigningAlgorithm } },
      };
    },
  };
}

/** Before a person approved: whatever the resource has. What a token gets, our grants decide. */
function grantableScopes(ctx: KoaContextWithOIDC, resource: Resource): string[] {
  // A token that nobody approved would be for no person and no organization, with whatever scopes it asks for.
  if (ctx.oidc.route === 'token') throw new errors.InvalidTarget('tokens for it are issued to connections only');
  // RFC 6749 §4.1.2.1: nothing that was asked for exists. Told here, because a page could only say "nothing to approve".
  if (ctx.oidc.route === 'authorization' && resource.expand([...ctx.oidc.requestParamScopes]).length === 0) {
    throw new errors.InvalidScope('none of the requested scopes exists', String(ctx.oidc.params?.scope));
  }
  return resource.scopes.map(({ name }) => name);
}
