import { pathOfIssuer } from '../http/index.ts';

/** Where a provider, or somebody who comes from it, finds this server: complete URLs, as they are registered there. */
export function createProviderPaths(issuer: string) {
  const base = `${new URL(issuer).origin}${pathOfIssuer(issuer)}/oauth/identity-providers`;
  return {
    callback: (id: string) => `${base}/${id}/callback`,
    signedOut: (id: string) => `${base}/${id}/signed-out`,
    backchannelLogout: (id: string) => `${base}/${id}/backchannel-logout`,
  };
}
