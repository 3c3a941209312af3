import type { KoaContextWithOIDC, Account as ProviderAccount } from 'oidc-provider';
import type { Directory } from '../directory/index.ts';

/** Which claims about the person an identity scope stands for (OpenID Connect Core §5.4). */
export const claims = { openid: ['sub'], profile: ['name'], email: ['email'], acr: null, auth_time: null, iss: null };

export function createFindAccount({ directory }: { readonly directory: Directory }) {
  return async function findAccount(_ctx: KoaContextWithOIDC, accountId: string): Promise<ProviderAccount | undefined> {
    const account = await directory.findAccount(accountId);
    return account && { accountId, claims: () => ({ sub: accountId, name: account.name, email: account.email }) };
  };
}
