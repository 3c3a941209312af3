import type { Context } from 'koa';
import type { ChallengeDescription } from '../console/index.ts';
import type { SignInFacts } from '../sessions/index.ts';
import type { SignInRefusal } from './refused.ts';

/** What a place is asked where somebody has an account, and what it may show of it. */
export interface Asking {
  /** What the browser must come back to; it alone has its cookie. */
  readonly uid: string;
  /** For how long the browser may come back, in seconds. */
  readonly lifetimeSeconds: number;
  readonly asked: Omit<ChallengeDescription, 'expires_at' | 'ui_locales'>;
  /** As the request says them; otherwise those of the browser. */
  readonly uiLocales?: string | undefined;
  readonly loginHint?: string | undefined;
  readonly acrValues?: readonly string[] | undefined;
  /** A tool asks for it, and must not be told what nobody knows: a place that does not say is refused. */
  readonly mustProve?: boolean | undefined;
  /** For which organization one of its people is wanted. */
  readonly organizationId?: string | undefined;
}

/** What became of somebody who was sent to such a place: one result, whichever place it was. */
export type Arrival =
  | { readonly kind: 'accepted'; readonly facts: SignInFacts; readonly organizationId?: string | undefined }
  | { readonly kind: 'refused'; readonly refusal: SignInRefusal };

/** No email is longer (RFC 5321 §4.5.3.1: 64 octets, `@`, 255). */
const maxHintLength = 320;
const maxLocales = 10;

export function hintOf({ loginHint }: Asking): string | undefined {
  return loginHint !== undefined && loginHint.length <= maxHintLength ? loginHint : undefined;
}

export function localesOf(ctx: Context, { uiLocales }: Asking): string[] {
  const locales = uiLocales?.split(' ') ?? ctx.acceptsLanguages();
  return locales.filter((locale) => /^[A-Za-z0-9-]{1,35}$/.test(locale)).slice(0, maxLocales);
}
