import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import type { createFindAccount } from './claims.ts';

/** What oidc-provider 9.13 puts into an ID token that asked for it, whatever was granted: it is about the sign-in. */
const aboutSignIn = ['acr', 'amr', 'auth_time', 'iss', 'sid', 'sub'];

/** The ID token of a refresh (OpenID Connect Core §12.2), by oidc-provider's own model; none where the scopes lack `openid`. */
export async function issueIdToken(
  ctx: KoaContextWithOIDC,
  { token, grant }: { readonly token: AdapterPayload; readonly grant: AdapterPayload },
  scopes: readonly string[],
  findAccount: ReturnType<typeof createFindAccount>,
): Promise<string | undefined> {
  if (!scopes.includes('openid')) return undefined;
  const { provider } = ctx.oidc;
  const { accountId = '', acr, amr, authTime, nonce, sid } = token;
  const known = new provider.Grant(grant as never);
  const scope = known.getOIDCScopeFiltered(new Set(scopes));
  const asked = Object.entries(token.claims?.id_token ?? {});
  const granted = [...aboutSignIn, ...known.getOIDCClaimsFiltered(new Set(asked.map(([name]) => name)))];
  const mask = Object.fromEntries(asked.filter(([name]) => granted.includes(name)));
  const account = await findAccount(ctx, accountId);
  const claims = await account?.claims('id_token', scope, mask, []);
  const idToken = new provider.IdToken({ ...claims, acr, amr, auth_time: authTime }, { ctx });
  // Members that the model reads and its types do not know.
  Object.assign(idToken, { scope, mask, rejected: [] });
  idToken.set('nonce', nonce);
  idToken.set('sid', sid);
  return idToken.issue({ use: 'idtoken' });
}
