import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { readForm } from '../http/index.ts';
import type { SignedIn } from '../sessions/index.ts';
import type { AccountParts } from './parts.ts';

type Parts = Pick<AccountParts, 'secrecy' | 'cookieProtection'>;

const cookieName = 'mcp_auth_account';

/** The anti-forgery value of all forms of one session of one account. */
export function csrfOfSession({ secrecy }: Parts, { uid, accountId }: SignedIn): string {
  return secrecy.derive('anti-forgery account', `${uid}\0${accountId}`);
}

/**
 * The anti-forgery value of the sign-in form, where there is no session yet: bound to a cookie that only says "the same
 * browser". Without it another site could sign somebody in to an account of its own (RFC 6819 §4.4.1.8).
 */
export function csrfOfBrowser(ctx: Context, { secrecy, cookieProtection }: Parts): string {
  const known = ctx.cookies.get(cookieName, { signed: true });
  const browser = known ?? randomBytes(16).toString('base64url');
  if (!known) ctx.cookies.set(cookieName, browser, { ...cookieProtection, path: '/account' });
  return secrecy.derive('anti-forgery sign-in', browser);
}

/** The fields of a form that carries this value. */
export async function readOwnForm(ctx: Context, csrf: string): Promise<URLSearchParams> {
  const form = await readForm(ctx);
  const given = Buffer.from(form.get('csrf') ?? '');
  const expected = Buffer.from(csrf);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    ctx.throw(403, 'the form does not belong to this session', { error: 'form_outdated' });
  }
  return form;
}
