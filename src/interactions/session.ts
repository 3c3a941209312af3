import type { Context } from 'koa';
import type Provider from 'oidc-provider';

/**
 * Hands a browser session that belongs to someone else over to the account that just signed in. Left alone,
 * oidc-provider 9.13 signs the other account out through a page that posts itself by script, and ours have none.
 * Flows of the other account in other tabs end: their interaction names an account the session no longer has.
 */
export async function switchSession(ctx: Context, provider: Provider, accountId: string): Promise<void> {
  const session = await provider.Session.get(ctx as never);
  if (!session.accountId || session.accountId === accountId) return;
  session.accountId = accountId;
  delete session.authorizations;
  await session.persist();
}
