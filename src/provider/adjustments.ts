import type Provider from 'oidc-provider';
import { createCookieSigner } from '../keys/index.ts';
import { type CodeGrantParts, registerCodeGrant } from './code-grant.ts';
import { nameConnectionsInCodes } from './code-values.ts';
import { readOnlyNamedAlgorithms } from './named-algorithms.ts';
import { usePublicUrls } from './public-urls.ts';
import { matchRedirectUris } from './redirect-uris.ts';
import { type RefreshGrantParts, registerRefreshGrant } from './refresh-grant.ts';
import { createOriginOf, type OriginParts } from './renewal-origins.ts';

type Parts = Omit<CodeGrantParts & RefreshGrantParts, 'originOf'> & OriginParts;

/** What of our decisions neither an option nor a middleware can say: changes to a provider, before its first request. */
export function adjustProvider(provider: Provider, parts: Parts): void {
  usePublicUrls(provider);
  matchRedirectUris(provider);
  readOnlyNamedAlgorithms(provider);
  nameConnectionsInCodes(provider);
  const originOf = createOriginOf(parts);
  registerCodeGrant(provider, { ...parts, originOf });
  registerRefreshGrant(provider, { ...parts, originOf });
  // A signer of the host's own stays.
  if (Array.isArray(provider.keys)) provider.keys = createCookieSigner(provider.keys);
}
