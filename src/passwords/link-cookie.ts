import type { Context } from 'koa';
import { seeOther } from '../http/index.ts';
import type { PasswordParts } from './parts.ts';

type Parts = Pick<PasswordParts, 'cookies'>;

/** As long as a form is filled in. */
const secondsToChoose = 60 * 60;

/**
 * The token goes from the address into a cookie, and the browser on to an address without it: nothing that is loaded from
 * there, or opened, has it in its `Referer`, and it stays in no history. The link itself is as good as before.
 */
export function takeToken(ctx: Context, { cookies }: Parts, folder: string, page: string): void {
  const [token = ''] = [ctx.query.token].flat();
  ctx.cookies.set(cookies.names.link, token.slice(0, 100), {
    ...cookies.protection,
    path: folder,
    maxAge: secondsToChoose * 1000,
  });
  seeOther(ctx, page);
  ctx.set('Referrer-Policy', 'no-referrer');
}

export function tokenOf(ctx: Context, { cookies }: Parts): string {
  return ctx.cookies.get(cookies.names.link, { signed: true }) ?? '';
}

export function forgetToken(ctx: Context, { cookies }: Parts, folder: string): void {
  ctx.cookies.set(cookies.names.link, null, { ...cookies.protection, path: folder });
}
