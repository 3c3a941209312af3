import type { Context } from 'koa';
import type { AccountParts } from './parts.ts';

/** Only ever a page of the account: a link to the sign-in page must not send people elsewhere afterwards. */
export function wayBack(ctx: Context, { links }: Pick<AccountParts, 'links'>): string {
  const here = 'http://account.invalid';
  const to = URL.parse(String(ctx.query.to ?? ''), here);
  return to?.origin === here && links.leadsBackTo(to.pathname) ? to.pathname + to.search : links.overview;
}
