import type Provider from 'oidc-provider';
import type { Directory } from '../directory/index.ts';
import type { SigningKeys } from '../keys/index.ts';
import type { Secrecy } from '../storage/index.ts';
import { createIssueAccessToken } from './access-token.ts';
import { createFindAccount } from './claims.ts';
import { usePublicUrls } from './public-urls.ts';
import { matchRedirectUris } from './redirect-uris.ts';
import { type RefreshGrantParts, registerRefreshGrant } from './refresh-grant.ts';
import { deriveSuccessors } from './refresh-successor.ts';

interface Parts extends Omit<RefreshGrantParts, 'issueAccessToken' | 'findAccount'> {
  readonly directory: Directory;
  readonly issuer: string;
  readonly secrecy: Secrecy;
  readonly signing: SigningKeys;
}

/** What of our decisions neither an option nor a middleware can say: changes to a provider, before its first request. */
export function createAdjustments(parts: Parts) {
  const { issuer, secrecy, signing, policy } = parts;
  const issueAccessToken = createIssueAccessToken({ issuer, signing, accessTokenTtl: policy.lifetimes.accessToken });
  const findAccount = createFindAccount(parts);
  return {
    publicUrls: usePublicUrls,
    refreshSuccessors: (provider: Provider) => deriveSuccessors(provider, secrecy),
    refreshGrant(provider: Provider) {
      // It finds the grant of a token in the token.
      deriveSuccessors(provider, secrecy);
      registerRefreshGrant(provider, { ...parts, issueAccessToken, findAccount });
    },
    redirectUris: matchRedirectUris,
  };
}
