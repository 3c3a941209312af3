import type { Context } from 'koa';
import { normalizeEmail } from '../directory/index.ts';
import { readOwnForm, seeOther } from '../http/index.ts';
import { isMailable } from '../mail/index.ts';
import type { Words } from '../messages/index.ts';
import { flowOf, keepWaitingFlow } from './link-page.ts';
import type { ForgottenPage, MailedPage } from './pages.ts';
import type { PasswordParts } from './parts.ts';

const resetSeconds = 60 * 60;

export async function showForgotten(ctx: Context, parts: PasswordParts): Promise<void> {
  show(ctx, parts, { email: '' });
}

/** What is answered depends on what was sent, and on how often; not on who has an account. */
export async function submitForgotten(ctx: Context, parts: PasswordParts): Promise<void> {
  const form = await readOwnForm(ctx, parts.antiForgery.ofBrowser(ctx), 'form_outdated');
  const email = normalizeEmail(form.get('email') ?? '');
  const words = parts.pages.words(ctx);
  if (!isMailable(email)) return show(ctx, parts, { email, error: words.say('forgotten.no-email') }, 422);
  const seconds = await parts.limit.note(email, parts.clientAddress(ctx));
  if (seconds !== undefined) {
    ctx.set('Retry-After', String(seconds));
    const error = words.say('forgotten.too-often', { minutes: Math.ceil(seconds / 60) });
    return show(ctx, parts, { email, error }, 429);
  }
  keepWaitingFlow(ctx, parts);
  seeOther(ctx, `${parts.paths.password}/mailed`);
  parts.afterwards(ctx, () => mailLink(parts, email, words));
}

export async function showMailed(ctx: Context, { pages, paths }: PasswordParts): Promise<void> {
  const page: MailedPage = { ...pages.frame(ctx, 'mailed.title'), forgottenHref: `${paths.password}/forgotten` };
  pages.show(ctx, 'mailed', page);
}

/** The same questions to the store whoever it is: a stranger may measure what a busy server does as well. */
async function mailLink(parts: PasswordParts, email: string, words: Words): Promise<void> {
  const { directory, links, letters, mailer, events } = parts;
  const found = await directory.findWithPassword({ email });
  const account = parts.isSignedInElsewhere(email) ? undefined : found;
  const content = { accountId: account?.id ?? 'acc_nobody', version: account?.version ?? 0 };
  const { token } = await links.create('reset', content, resetSeconds);
  events.emit({ event: 'password.forgotten', account: account?.id });
  if (account) mailer?.post(letters.reset(words, account, token));
}

function show(ctx: Context, parts: PasswordParts, given: Pick<ForgottenPage, 'email' | 'error'>, status = 200): void {
  const { pages, paths, antiForgery } = parts;
  const flow = flowOf(ctx);
  const page: ForgottenPage = {
    ...pages.frame(ctx, 'forgotten.title'),
    form: {
      action: `${paths.password}/forgotten${flow === undefined ? '' : `?flow=${flow}`}`,
      csrf: antiForgery.ofBrowser(ctx),
    },
    signInHref: flow === undefined ? paths.account : paths.interaction(flow),
    ...given,
  };
  pages.show(ctx, 'forgotten', page, { status });
}
