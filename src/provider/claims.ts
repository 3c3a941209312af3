import type { KoaContextWithOIDC, Account as ProviderAccount } from 'oidc-provider';
import type { Directory } from '../directory/index.ts';
import type { Issuance, Issued } from './issuance.ts';

interface Parts {
  readonly directory: Directory;
  readonly issuance: Issuance;
}

/** Which claims about the person an identity scope stands for (OpenID Connect Core §5.4). */
export const claims = { openid: ['sub'], profile: ['name'], email: ['email'], acr: null, auth_time: null, iss: null };

export function createFindAccount({ directory, issuance }: Parts) {
  return async function findAccount(_ctx: KoaContextWithOIDC, accountId: string): Promise<ProviderAccount | undefined> {
    const describe = async () => {
      const account = await directory.findAccount(accountId);
      return { sub: accountId, ...(account && { name: account.name, email: account.email }) };
    };
    // While a token is issued, membership was just checked, and that includes the account.
    if (issuance.of()) return { accountId, claims: describe };
    const account = await directory.findAccount(accountId);
    return account && { accountId, claims: describe };
  };
}

/** What the gateway learns besides the registered claims: for which organization, in which role, by which connection. */
export function connectionClaims({ connection, membership }: Issued) {
  return {
    org_id: membership.organization.id,
    org_slug: membership.organization.slug,
    org_role: membership.role,
    grant_id: connection.id,
  };
}

export function createExtraTokenClaims({ issuance }: Pick<Parts, 'issuance'>) {
  return function extraTokenClaims(_ctx: KoaContextWithOIDC) {
    const issued = issuance.of();
    return issued && connectionClaims(issued);
  };
}

/** A token whose role lost every approved scope says so; without the claim a gateway could read "not restricted" (R81). */
export function nameScope(_ctx: unknown, _token: unknown, { payload }: { payload: { scope?: string } }): void {
  payload.scope ??= '';
}
