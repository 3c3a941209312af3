import type { Directory } from './directory.ts';
import { identityPrefix } from './identities.ts';

/**
 * A directory that is elsewhere, beside the accounts of people who sign in at an identity provider: those are kept here, and
 * have ids that say so.
 */
export function withIdentityAccounts(elsewhere: Directory, here: Directory): Directory {
  const of = (accountId: string) => (accountId.startsWith(identityPrefix) ? here : elsewhere);
  return {
    signIn: (email, password) => elsewhere.signIn(email, password),
    findAccount: (accountId) => of(accountId).findAccount(accountId),
    memberships: (accountId) => of(accountId).memberships(accountId),
    findMembership: (accountId, organizationId) => of(accountId).findMembership(accountId, organizationId),
    ...(elsewhere.claimsFor && {
      claimsFor: async (accountId, organizationId) => of(accountId).claimsFor?.(accountId, organizationId) ?? {},
    }),
  };
}
