import { DirectoryError, minCharacters } from '../directory/index.ts';
import { seeOther } from '../http/index.ts';
import { findPasswordError } from '../passwords/index.ts';
import { type AccountRequest, setFlash, signedInFrame } from './account-request.ts';
import type { PasswordPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { hasFactors, loadForChange } from './security.ts';

/** Whoever signed in elsewhere has none here, or another way in. */
export function hasPassword({ origin }: AccountRequest, { passwords }: AccountParts): boolean {
  return passwords !== undefined && origin === undefined;
}

/** Whoever has a second factor has shown it in this session, or is asked for it. */
async function mayChange(request: AccountRequest, parts: AccountParts): Promise<boolean> {
  return !hasFactors(request, parts) || (await loadForChange(request, parts)) !== undefined;
}

export async function showPassword(request: AccountRequest, parts: AccountParts): Promise<void> {
  if (!hasPassword(request, parts)) return request.ctx.throw(404);
  if (!(await mayChange(request, parts))) return;
  show(request, parts, { wrongFields: [] });
}

export async function submitPassword(request: AccountRequest, parts: AccountParts): Promise<void> {
  const { ctx, account } = request;
  if (!hasPassword(request, parts)) return ctx.throw(404);
  if (!(await mayChange(request, parts))) return;
  const form = await request.readForm();
  const refusal = (await findError(request, parts, form)) ?? (await replace(request, parts, form));
  if (refusal) return show(request, parts, refusal);
  parts.events.emit({ event: 'password.changed', account: account.id });
  // Every other session has ended; this one goes on as a new one, whose identifier nobody has seen.
  const { amr, acr } = request.signedIn;
  await parts.sessions.begin(ctx, { accountId: account.id, amr, acr });
  setFlash(ctx, parts, 'password');
  seeOther(ctx, parts.links.overview);
}

type Refusal = Pick<PasswordPage, 'error' | 'wrongFields'> & { readonly status?: number };

async function findError({ ctx, account }: AccountRequest, parts: AccountParts, form: URLSearchParams) {
  const about = [account.email, account.name, parts.policy.brand.name];
  const error = await findPasswordError(form, about, parts.pages.words(ctx));
  return error && { ...error, status: 422 };
}

async function replace(
  { ctx, account }: AccountRequest,
  { passwords, confirmPassword, pages }: AccountParts,
  form: URLSearchParams,
): Promise<Refusal | undefined> {
  const words = pages.words(ctx);
  const wrongCurrent = (error: string, status = 422): Refusal => ({ error, status, wrongFields: ['current'] });
  // Before it is confirmed: what is replaced is then what was confirmed.
  const version = (await passwords?.versionOf(account.id)) ?? -1;
  const refused = await confirmPassword(ctx, account.email, form.get('current') ?? '', words);
  if (refused) return wrongCurrent(refused.error, refused.status);
  const replacement = { password: form.get('password') ?? '', version, disconnects: form.has('disconnect'), ctx };
  try {
    await passwords?.replace(account, replacement);
    return undefined;
  } catch (error) {
    if (!(error instanceof DirectoryError && error.code === 'PASSWORD_REPLACED')) throw error;
    return wrongCurrent(words.say('new-password.wrong-current'));
  }
}

function show(request: AccountRequest, parts: AccountParts, { status = 200, ...wrong }: Refusal): void {
  const { links, policy } = parts;
  const page: PasswordPage = {
    ...signedInFrame(request, parts, 'new-password.change'),
    form: request.form(links.password),
    email: request.account.email,
    minLength: minCharacters,
    connections: policy.signIn.passwordChangeEndsConnections ? 'end' : 'choice',
    cancelHref: links.overview,
    ...wrong,
  };
  parts.pages.show(request.ctx, 'account-password', page, { status });
}
