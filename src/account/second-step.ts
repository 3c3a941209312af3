import type { Context } from 'koa';
import type { SigningIn } from '../factors/index.ts';
import { readOwnForm, seeOther } from '../http/index.ts';
import type { AccountParts } from './parts.ts';
import { wayBack } from './way-back.ts';

/** Signing in to an account here, before its pages. */
export function signingIn(ctx: Context, parts: AccountParts): SigningIn {
  const to = wayBack(ctx, parts);
  const { links, antiForgery, sessions } = parts;
  return {
    ctx,
    id: 'account',
    href: links.signIn(to),
    path: links.signInPath,
    acrValues: [],
    // When it is shown: whoever asks for the first time gets another value each time.
    get form() {
      return { action: links.secondStep(to), csrf: antiForgery.ofBrowser(ctx) };
    },
    readForm: () => readOwnForm(ctx, antiForgery.ofBrowser(ctx), 'form_outdated'),
    async begin(facts) {
      await sessions.begin(ctx, facts);
      return to;
    },
    goOn: () => seeOther(ctx, to),
  };
}

export async function submitSecondStep(ctx: Context, parts: AccountParts): Promise<void> {
  await parts.secondStep.submit(signingIn(ctx, parts));
}
