import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import type { Connection } from '../connections/index.ts';
import type { createFindAccount } from './claims.ts';
import type { Source } from './issuance.ts';

/** What oidc-provider 9.13 puts into an ID token that asked for it, whatever was granted: it is about the sign-in. */
const aboutSignIn = ['acr', 'amr', 'auth_time', 'iss', 'sid', 'sub'];

export interface IdTokenParts {
  readonly findAccount: ReturnType<typeof createFindAccount>;
  readonly policy: { readonly signIn: { readonly tokenClaims: readonly ('amr' | 'acr' | 'auth_time')[] } };
}

/** An ID token (OpenID Connect Core §3.1.3.3, §12.2), by oidc-provider's own model; none where the scopes lack `openid`. */
export async function issueIdToken(
  ctx: KoaContextWithOIDC,
  { source, connection }: { readonly source: Source; readonly connection: Connection },
  scopes: readonly string[],
  { findAccount, policy }: IdTokenParts,
): Promise<string | undefined> {
  if (!scopes.includes('openid')) return undefined;
  const { provider } = ctx.oidc;
  const { accountId, acr, amr, authTime, nonce, sid } = source;
  const openid = { scope: connection.identityScopes.join(' ') };
  const grant = new provider.Grant({
    accountId,
    clientId: connection.clientId,
    openid,
  } as unknown as AdapterPayload as never);
  const scope = grant.getOIDCScopeFiltered(new Set(scopes));
  const asked = Object.entries(source.claims?.id_token ?? {});
  const granted = [...aboutSignIn, ...grant.getOIDCClaimsFiltered(new Set(asked.map(([name]) => name)))];
  const mask = Object.fromEntries(asked.filter(([name]) => granted.includes(name)));
  const account = await findAccount(ctx, accountId);
  const claims = await account?.claims('id_token', scope, mask as never, []);
  const idToken = new provider.IdToken({ ...claims, acr, amr, auth_time: authTime } as never, { ctx } as never);
  // Members that the model reads and its types do not know.
  Object.assign(idToken, { scope, mask, rejected: [] });
  // Beside what the claims of the configuration let through: whoever asks how somebody signed in is told (OIDC Core §2).
  const told = [...policy.signIn.tokenClaims, ...(asked.some(([name]) => name === 'acr') ? ['acr' as const] : [])];
  const said = { acr, amr: amr?.length ? amr : undefined, auth_time: authTime };
  for (const name of told) if (said[name] !== undefined) idToken.set(name, said[name]);
  idToken.set('nonce', nonce);
  idToken.set('sid', sid);
  return idToken.issue({ use: 'idtoken' });
}
