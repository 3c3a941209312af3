import type { KoaContextWithOIDC, Account as ProviderAccount } from 'oidc-provider';
import type { Directory } from '../directory/index.ts';
import type { Issuance } from './issuance.ts';

interface Parts {
  readonly directory: Directory;
  readonly issuance: Issuance;
}

/** Which claims about the person an identity scope stands for (OpenID Connect Core §5.4). */
export const claims = { openid: ['sub'], profile: ['name'], email: ['email'], acr: null, auth_time: null, iss: null };

export function createFindAccount({ directory, issuance }: Parts) {
  return async function findAccount(
    ctx: KoaContextWithOIDC,
    accountId: string,
    source?: object,
  ): Promise<ProviderAccount | undefined> {
    const describe = async () => {
      const account = await directory.findAccount(accountId);
      return { sub: accountId, ...(account && { name: account.name, email: account.email }) };
    };
    // At a refresh this is the first question; asking about the membership here saves asking about the account twice.
    if (source instanceof ctx.oidc.provider.RefreshToken) await issuance.prepare(source);
    // While a token is issued, membership was just checked, and that includes the account.
    if (issuance.of(ctx)) return { accountId, claims: describe };
    const account = await directory.findAccount(accountId);
    return account && { accountId, claims: describe };
  };
}

/** What the gateway learns besides the registered claims: for which organization, in which role, by which connection. */
export function createExtraTokenClaims({ issuance }: Pick<Parts, 'issuance'>) {
  return function extraTokenClaims(ctx: KoaContextWithOIDC) {
    const issued = issuance.of(ctx);
    if (!issued) return undefined;
    const { connection, membership } = issued;
    return {
      org_id: membership.organization.id,
      org_slug: membership.organization.slug,
      org_role: membership.role,
      grant_id: connection.id,
    };
  };
}

/** A token whose role lost every approved scope says so; without the claim a gateway could read "not restricted" (R81). */
export function nameScope(_ctx: unknown, _token: unknown, { payload }: { payload: { scope?: string } }): void {
  payload.scope ??= '';
}
