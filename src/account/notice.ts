import type { Context } from 'koa';
import type { AccountParts } from './parts.ts';

/** What was just done, said once on the page that follows. In a signed cookie: in the URL any link could claim it. */
const notices = {
  renamed: 'The new name is saved.',
  changed: 'Saved. The tool works with this from its next renewal on, within moments.',
  disconnected: 'Disconnected. The tool has to ask you again before it can do anything.',
} as const;

export type Notice = keyof typeof notices;

const cookieName = 'mcp_auth_notice';

type Parts = Pick<AccountParts, 'cookieProtection'>;

export function leaveNotice(ctx: Context, { cookieProtection }: Parts, notice: Notice): void {
  ctx.cookies.set(cookieName, notice, { ...cookieProtection, path: '/account', maxAge: 60_000 });
}

export function takeNotice(ctx: Context, { cookieProtection }: Parts): string | undefined {
  const left = ctx.cookies.get(cookieName, { signed: true });
  if (!left || !Object.hasOwn(notices, left)) return undefined;
  ctx.cookies.set(cookieName, null, { ...cookieProtection, path: '/account' });
  return notices[left as Notice];
}
