import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { memoize } from '../memoize.ts';
import { createNonce } from '../random-bytes.ts';
import { isSameSecret } from '../same-secret.ts';
import { BodyTooLarge, peekBody } from './body.ts';
import type { Cookies } from './cookies.ts';

/**
 * The values that a form of ours carries to show that a page of ours sent it. Without them another site could approve,
 * or sign somebody in to an account of its own, in the name of whoever has the cookie (RFC 6749 §10.12).
 */
export interface AntiForgery {
  /** Of all forms of one interaction; worthless for any other. */
  ofInteraction(uid: string): string;
  /** Of all forms of one session of one account. */
  ofSession(session: { readonly uid: string; readonly accountId: string }): string;
  /** Of the sign-in form, where there is no session yet: bound to a cookie that only says "the same browser". */
  ofBrowser(ctx: Context): string;
}

interface AntiForgeryParts {
  /** A value that this server only can compute. */
  readonly derive: (purpose: string, value: string) => string;
  readonly cookies: Cookies;
}

export function createAntiForgery({ derive, cookies: { names, protection } }: AntiForgeryParts): AntiForgery {
  return {
    // Each request of a flow asks for it.
    ofInteraction: memoize((uid) => derive('anti-forgery', uid)),
    ofSession: ({ uid, accountId }) => derive('anti-forgery account', `${uid}\0${accountId}`),
    ofBrowser(ctx) {
      const known = ctx.cookies.get(names.browser, { signed: true });
      const browser = known ?? randomBytes(16).toString('base64url');
      if (!known) ctx.cookies.set(names.browser, browser, protection);
      return derive('anti-forgery sign-in', browser);
    },
  };
}

/** Ours hold an email, a password and some scopes. */
const maxFormBytes = 32 * 1024;

/** The fields of a posted form. Throws 415 or 413 for anything that no page of ours sends. */
export async function readForm(ctx: Context): Promise<URLSearchParams> {
  if (!ctx.is('application/x-www-form-urlencoded')) ctx.throw(415, 'only forms are understood here');
  const body = await peekForm(ctx);
  ctx.req.resume();
  return new URLSearchParams(body.toString());
}

/** Whoever reads it next finds it unread. */
export async function peekForm(ctx: Context): Promise<Buffer> {
  try {
    return await peekBody(ctx, maxFormBytes);
  } catch (error) {
    // What is left of it is not read: whoever asks next on this connection, of a proxy somebody else, would wait behind it.
    ctx.set('Connection', 'close');
    if (error instanceof BodyTooLarge) ctx.throw(413, 'the form is too large');
    throw error;
  }
}

/** The fields of a form that carries this value. Throws 403 for any other; `error` chooses the words of that page. */
export async function readOwnForm(ctx: Context, csrf: string, error?: string): Promise<URLSearchParams> {
  const form = await readForm(ctx);
  if (!isSameSecret(proofIn(form.get('csrf') ?? ''), proofIn(csrf)))
    ctx.throw(403, 'the form does not belong here', { error });
  return form;
}

/**
 * The same page with forms that are of this showing of it, and no other: by that one is known again that is sent twice
 * (answer-once.ts). Forms are members of a page, and of what it says of who asks.
 */
export function ofThisShowing<T extends object>(page: T): T {
  const shown = { ...page } as Record<string, unknown>;
  for (const [name, value] of Object.entries(page)) if (isPlain(value)) shown[name] = showForm(value);
  return shown as T;
}

function showForm(member: { readonly csrf?: unknown }): object {
  const { csrf } = member;
  if (typeof csrf === 'string') return { ...member, csrf: createNonce() + proofIn(csrf) };
  return 'decline' in member ? ofThisShowing(member) : member;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** 162 bits, behind those of the showing: the whole is as long as what `derive` makes. */
const proofIn = (csrf: string) => csrf.slice(16);

/**
 * Refuses a form that another site posts. A second lock only: the first is the anti-forgery value in the form, because
 * some browsers and privacy settings send neither header, or `Origin: null` (R50).
 */
export function refuseForeignForm(ctx: Context): void {
  const site = ctx.get('Sec-Fetch-Site');
  if (site !== '' && site !== 'same-origin' && site !== 'none') ctx.throw(403, 'this form was sent by another site');
}
