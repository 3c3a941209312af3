import type Provider from 'oidc-provider';
import type { Secrecy } from '../storage/index.ts';
import { usePublicUrls } from './public-urls.ts';
import { matchRedirectUris } from './redirect-uris.ts';
import { deriveSuccessors } from './refresh-successor.ts';

/** What of our decisions neither an option nor a middleware can say: changes to a provider, before its first request. */
export function createAdjustments(secrecy: Secrecy) {
  return {
    publicUrls: usePublicUrls,
    refreshSuccessors: (provider: Provider) => deriveSuccessors(provider, secrecy),
    redirectUris: matchRedirectUris,
  };
}
