import type { Text } from '../messages/index.ts';
import type { ProviderClient } from './authentication.ts';
import type { MembershipRule } from './membership-rules.ts';

/** One of `identityProviders`, as the configuration has it. */
export interface ProviderPolicy {
  readonly id: string;
  readonly kind: 'openid' | 'github';
  readonly issuer?: string | undefined;
  readonly client: ProviderClient;
  readonly scopes?: readonly string[] | undefined;
  readonly button?: Text | undefined;
  readonly domains: readonly string[];
  readonly linkByEmail: boolean;
  readonly memberships: readonly MembershipRule[];
  readonly requiredFor: readonly string[];
  readonly logoutEnds: 'sessions' | 'connections';
  readonly untypedLogoutTokens?: boolean | undefined;
}

const defaultScopes = { openid: ['openid', 'email', 'profile'], github: ['read:user', 'user:email'] };

/** With what the operator left out. */
export function complete(policy: ProviderPolicy) {
  const issuer = policy.issuer ?? 'https://github.com';
  const { host } = new URL(issuer);
  return {
    issuer,
    host,
    scopes: policy.scopes ?? defaultScopes[policy.kind],
    name: policy.kind === 'github' && host === 'github.com' ? 'GitHub' : host,
    claims: policy.memberships.flatMap(({ claim }) => claim ?? []),
  };
}
