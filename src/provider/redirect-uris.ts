import type Provider from 'oidc-provider';
import { isSameRedirectUri } from '../clients/index.ts';

/**
 * Where a client may send people, asked at authorization as it was at registration (R21). oidc-provider 9.13 has no
 * option for it: it lets only the port of a loopback redirect differ, and takes `http://127.0.0.1` and
 * `http://127.0.0.1/` for different (R37, R38). A test holds the assumption that the authorization endpoint and the
 * pages of the flow ask this method and nothing else.
 */
export function matchRedirectUris(provider: Provider): void {
  const model = provider.Client.prototype as unknown as {
    redirectUris: readonly string[];
    redirectUriAllowed(uri: unknown): boolean;
  };
  model.redirectUriAllowed = function redirectUriAllowed(this: typeof model, uri) {
    return typeof uri === 'string' && this.redirectUris.some((registered) => isSameRedirectUri(registered, uri));
  };
}
