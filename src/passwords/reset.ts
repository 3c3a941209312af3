import type { Context } from 'koa';
import { type AccountWithPassword, DirectoryError, minCharacters } from '../directory/index.ts';
import { readOwnForm, refuseWithoutCookies } from '../http/index.ts';
import { forgetToken, takeToken, tokenOf } from './link-cookie.ts';
import { showOutcome } from './link-page.ts';
import type { Link } from './links.ts';
import { findPasswordError } from './new-password.ts';
import type { NewPasswordPage } from './pages.ts';
import type { PasswordParts } from './parts.ts';

export async function followReset(ctx: Context, parts: PasswordParts): Promise<void> {
  takeToken(ctx, parts, parts.paths.password, `${parts.paths.password}/new`);
}

export async function showReset(ctx: Context, parts: PasswordParts): Promise<void> {
  // The link has left its token in one.
  refuseWithoutCookies(ctx, 410);
  const found = await find(ctx, parts);
  if (!found) return showOutcome(ctx, parts, 'reset-unusable');
  show(ctx, parts, found.account, { wrongFields: [] });
}

/**
 * Nobody is signed in by it: whoever planted the link, or has the mail alone, is asked for the password and for whatever
 * else the account wants, as at every sign-in.
 */
export async function submitReset(ctx: Context, parts: PasswordParts): Promise<void> {
  const form = await readOwnForm(ctx, parts.antiForgery.ofBrowser(ctx), 'form_outdated');
  const found = await find(ctx, parts);
  if (!found) return showOutcome(ctx, parts, 'reset-unusable');
  const { account } = found;
  const about = [account.email, account.name, parts.policy.brand.name];
  const error = await findPasswordError(form, about, parts.pages.words(ctx));
  if (error) return show(ctx, parts, account, error, 422);
  const isDone = await replace(ctx, parts, found, form);
  if (!isDone) return showOutcome(ctx, parts, 'reset-unusable');
  parts.events.emit({ event: 'password.reset', account: account.id });
  forgetToken(ctx, parts, parts.paths.password);
  showOutcome(ctx, parts, 'reset-done');
}

interface Found {
  readonly link: Link<'reset'>;
  readonly account: AccountWithPassword;
}

async function find(ctx: Context, parts: PasswordParts): Promise<Found | undefined> {
  const link = await parts.links.find('reset', tokenOf(ctx, parts));
  if (!link) return undefined;
  const account = await parts.directory.findWithPassword({ id: link.content.accountId });
  return account && account.version === link.content.version ? { link, account } : undefined;
}

/** False for whoever comes second. */
async function replace(ctx: Context, parts: PasswordParts, { link, account }: Found, form: URLSearchParams) {
  if (!(await parts.links.use(link))) return false;
  try {
    await parts.replace(account, {
      password: form.get('password') ?? '',
      version: link.content.version,
      disconnects: form.has('disconnect'),
      ctx,
    });
    return true;
  } catch (error) {
    if (error instanceof DirectoryError && error.code === 'PASSWORD_REPLACED') return false;
    // Used for nothing. Where it was done after all the account has another version, and the link none.
    await parts.links.giveBack(link).catch(() => undefined);
    throw error;
  }
}

function show(
  ctx: Context,
  parts: PasswordParts,
  { email }: AccountWithPassword,
  wrong: Pick<NewPasswordPage, 'error' | 'wrongFields'>,
  status = 200,
): void {
  const { pages, paths, antiForgery, policy } = parts;
  const page: NewPasswordPage = {
    ...pages.frame(ctx, 'new-password.title'),
    form: { action: `${paths.password}/new`, csrf: antiForgery.ofBrowser(ctx) },
    email,
    minLength: minCharacters,
    connections: policy.signIn.passwordChangeEndsConnections ? 'end' : 'choice',
    ...wrong,
  };
  pages.show(ctx, 'new-password', page, { status });
}
