import type { Context } from 'koa';
import type { Account } from '../directory/index.ts';
import { type Form, type Frame, seeOther } from '../http/index.ts';
import { type SignInFields, unsentFields } from './form.ts';
import type { PersonPageParts } from './parts.ts';
import { type Place, presentButton } from './ways-in.ts';

/** One request of a browser that is signing in: in a flow, or before the account's pages. */
export interface SignInRequest {
  readonly ctx: Context;
  /** The page; `?with=` leads to a place where somebody has an account, `?use=` to a way of showing more than a password. */
  readonly href: string;
  readonly client?: string | undefined;
  /** As the request names them. */
  readonly acrValues: readonly string[];
  readForm(): Promise<URLSearchParams>;
}

/** What both pages have on which people sign in. */
export interface SignInFormPage extends Frame, SignInFields {
  /** Absent where every way in is elsewhere. */
  readonly form?: Form;
  /** Which way it is, the email says; a password may be asked for afterwards. */
  readonly emailOnly: boolean;
  /** Where else people sign in. */
  readonly ways: readonly SignInLink[];
  /** Absent where nobody can be helped who forgot their password. */
  readonly forgottenHref?: string | undefined;
  /** To signing in with a passkey; absent where there are none. */
  readonly passkeyHref?: string | undefined;
}

/** To a place where people have an account. */
export interface SignInLink {
  readonly href: string;
  readonly button: string;
}

/** On the way to such a place. */
export interface SignInElsewherePage extends Frame {
  readonly host: string;
  readonly href: string;
}

/** What is different on each of them. */
export interface SignInOccasion {
  readonly at: SignInRequest;
  /** Asked for when it is shown: whoever comes for the first time gets another value each time. */
  form(): Form;
  /** To come back to after choosing another password. */
  readonly flow?: string;
  afterPassword(account: Account): Promise<void>;
  show(page: SignInFormPage, answer: { status: number }): Promise<void> | void;
}

interface Parts extends Pick<PersonPageParts, 'pages' | 'submitSignIn' | 'waysIn'> {
  readonly passwords?: { forgottenHref(flow?: string): string | undefined } | undefined;
  readonly secondStep: {
    passkeyHref(at: SignInRequest): string | undefined;
    canProve(asked: readonly string[]): boolean;
  };
}

export function showSignInForm(occasion: SignInOccasion, parts: Parts, email: string): Promise<void> {
  return show(occasion, parts, unsentFields(email));
}

export async function submitSignInForm(occasion: SignInOccasion, parts: Parts): Promise<void> {
  const { at } = occasion;
  const { passwords, byEmail, placeOfEmail } = parts.waysIn;
  // No password is taken where accounts are elsewhere.
  if (!passwords && !byEmail) return seeOther(at.ctx, at.href);
  const form = await at.readForm();
  const email = form.get('email') ?? '';
  // Whose email belongs to a provider signs in there, and never with a password here.
  const place = placeOfEmail(email);
  if (place) return leadTo(place, at, parts, email);
  const words = parts.pages.words(at.ctx);
  if (!waysFor(at, parts).passwords)
    return show(occasion, parts, { ...unsentFields(email), error: words.say('sign-in.no-way') }, 422);
  if (!form.has('password')) return show(occasion, parts, unsentFields(email), 200, true);
  const attempt = await parts.submitSignIn(at.ctx, form, words, at.client);
  if (!attempt.account) return show(occasion, parts, attempt.fields, attempt.status, true);
  await occasion.afterPassword(attempt.account);
}

/**
 * By a page of ours: a form may not be answered with a redirect that ends elsewhere (R104), as `form-action` would have it.
 */
function leadTo(place: Place, at: SignInRequest, { pages }: Parts, email: string): void {
  const href = hrefOf(place, at, { login_hint: email });
  const page: SignInElsewherePage = { ...pages.frame(at.ctx, 'sign-in.title'), host: place.host, href, goesOnTo: href };
  pages.show(at.ctx, 'sign-in-elsewhere', page);
}

function hrefOf({ id }: Place, { ctx, href }: SignInRequest, more: Record<string, string> = {}): string {
  const { account } = ctx.query;
  return hrefWith(href, { with: id, ...(typeof account === 'string' && { account }), ...more });
}

/** Which of the ways can do what the request asks for: where it names ways of signing in, a password alone says none of them. */
function waysFor({ acrValues: asked }: SignInRequest, { waysIn, secondStep }: Parts) {
  const { places, passwords } = waysIn;
  const proving = asked.length === 0 ? [] : places.filter(({ provesSignIn }) => provesSignIn);
  const here = passwords && secondStep.canProve(asked);
  return proving.length > 0 || here ? { places: proving, passwords: here } : { places, passwords };
}

/** `isKnown`: the email was sent, and leads to no provider. */
async function show(occasion: SignInOccasion, parts: Parts, fields: SignInFields, status = 200, isKnown = false) {
  const { at, flow } = occasion;
  const { pages, waysIn, passwords, secondStep } = parts;
  const words = pages.words(at.ctx);
  const { places, passwords: takesPasswords } = waysFor(at, parts);
  await occasion.show(
    {
      ...pages.frame(at.ctx, 'sign-in.title'),
      ...((takesPasswords || waysIn.byEmail) && { form: occasion.form() }),
      emailOnly: waysIn.byEmail && !isKnown,
      ways: places.map((place) => ({ href: hrefOf(place, at), button: presentButton(place, words) })),
      forgottenHref: takesPasswords ? passwords?.forgottenHref(flow) : undefined,
      passkeyHref: takesPasswords ? secondStep.passkeyHref(at) : undefined,
      ...fields,
    },
    { status },
  );
}

/** The page with more in its query. */
export function hrefWith(href: string, query: Record<string, string>): string {
  return `${href}${href.includes('?') ? '&' : '?'}${new URLSearchParams(query)}`;
}
