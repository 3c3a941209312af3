import type { Context } from 'koa';
import { type Account, type Directory, isDemonstrationAccount } from '../directory/index.ts';
import type { ClientAddress } from '../http/index.ts';
import type { Words } from '../messages/index.ts';
import type { Events } from '../operations/index.ts';
import type { SignInLimit } from './limit.ts';
import { createSignIn, type ReadsAhead, type SignInResult } from './sign-in.ts';

/** What a page with the form shows in it; `views/partials/credentials` is the form. */
export interface SignInFields {
  readonly email: string;
  /** Above the form; the wrong fields are marked invalid and point to it. */
  readonly error?: string;
  /** Both after wrong credentials; none without an error, or when it is not about a field (too many tries). */
  readonly wrongFields: readonly ('email' | 'password')[];
}

type SignInAttempt =
  | { readonly account: Account }
  /** The page again, with this. */
  | { readonly account?: undefined; readonly status: 422 | 429 | 503; readonly fields: SignInFields };

/** Judges the form of whichever page it is on, with one limit and the same words for all of them. */
export type SubmitSignIn = (
  ctx: Context,
  form: URLSearchParams,
  words: Words,
  client?: string,
) => Promise<SignInAttempt>;

/** The built-in one: it does the same work for an email that nobody has. */
interface EmailDirectory extends ReadsAhead {
  findAccountByEmail(email: string): Promise<Pick<Account, 'id'> | undefined>;
}

interface FormParts {
  readonly directory: Directory & Partial<EmailDirectory>;
  readonly limit: SignInLimit;
  readonly clientAddress: ClientAddress;
  readonly events: Events;
  /** Where other people come the demonstration's accounts sign nobody in, whatever the directory says of them. */
  readonly isPublic: boolean;
}

export function createSubmitSignIn({ clientAddress, events, isPublic, ...parts }: FormParts): SubmitSignIn {
  const signIn = createSignIn({ ...parts, ...(isPublic && { isRefused: isDemonstrationAccount }) });
  /** Whom a try was about that was refused, for the log alone: an answer must not depend on it. */
  const findAccountId = async (email: string) =>
    (await parts.directory.findAccountByEmail?.(email).catch(() => undefined))?.id;

  return async function submitSignIn(ctx, form, words, client) {
    const email = form.get('email') ?? '';
    const result = await signIn({ email, password: form.get('password') ?? '', address: clientAddress(ctx) });
    // Whether that is enough to sign in, `factors` knows.
    if (result.kind === 'signed-in') return { account: result.account };
    events.emit({ event: `sign_in.${result.kind}`, account: await findAccountId(email), client });
    return result.kind === 'refused' ? refuseCredentials(email, words) : refuseForNow(ctx, email, result, words);
  };
}

/** Whether somebody who is signed in knows the password of their account: as many tries as to sign in. */
export type ConfirmPassword = (
  ctx: Context,
  email: string,
  password: string,
  words: Words,
) => Promise<{ readonly status: 422 | 429 | 503; readonly error: string } | undefined>;

export function createConfirmPassword({
  clientAddress,
  events,
  ...parts
}: Omit<FormParts, 'isPublic'>): ConfirmPassword {
  const signIn = createSignIn(parts);
  return async function confirmPassword(ctx, email, password, words) {
    const result = await signIn({ email, password, address: clientAddress(ctx) });
    if (result.kind === 'signed-in') return undefined;
    events.emit({ event: `sign_in.${result.kind}` });
    if (result.kind === 'refused') return { status: 422, error: words.say('new-password.wrong-current') };
    const { status, fields } = refuseForNow(ctx, email, result, words);
    return { status, error: fields.error };
  };
}

export function unsentFields(email: string): SignInFields {
  return { email, wrongFields: [] };
}

/** One sentence, whichever of the two it is: another would tell who has an account. */
function refuseCredentials(email: string, { say }: Words): SignInAttempt {
  const error = say('sign-in.wrong');
  return { status: 422, fields: { email, error, wrongFields: ['email', 'password'] } };
}

type PutOff = Exclude<SignInResult, { kind: 'signed-in' | 'refused' }>;

/** The form again: nothing of it was looked at, so nothing in it is wrong. */
function refuseForNow(ctx: Context, email: string, { kind, retryAfterSeconds }: PutOff, { say }: Words) {
  ctx.set('Retry-After', String(retryAfterSeconds));
  const minutes = Math.ceil(retryAfterSeconds / 60);
  const error = kind === 'limited' ? say('sign-in.limited', { minutes }) : say('sign-in.busy');
  const status = kind === 'overloaded' ? 503 : 429;
  return { status, fields: { email, error, wrongFields: [] } } as const;
}
