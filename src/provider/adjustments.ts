import type Provider from 'oidc-provider';
import { createCookieSigner } from '../keys/index.ts';
import { type CodeGrantParts, registerCodeGrant } from './code-grant.ts';
import { nameConnectionsInCodes } from './code-values.ts';
import { readOnlyNamedAlgorithms } from './named-algorithms.ts';
import { usePublicUrls } from './public-urls.ts';
import { matchRedirectUris } from './redirect-uris.ts';
import { type RefreshGrantParts, registerRefreshGrant } from './refresh-grant.ts';

/** What of our decisions neither an option nor a middleware can say: changes to a provider, before its first request. */
export function adjustProvider(provider: Provider, parts: CodeGrantParts & RefreshGrantParts): void {
  usePublicUrls(provider);
  matchRedirectUris(provider);
  readOnlyNamedAlgorithms(provider);
  nameConnectionsInCodes(provider);
  registerCodeGrant(provider, parts);
  registerRefreshGrant(provider, parts);
  // A signer of the host's own stays.
  if (Array.isArray(provider.keys)) provider.keys = createCookieSigner(provider.keys);
}
