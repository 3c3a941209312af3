import type { Context } from 'koa';
import type { LinkPage } from './pages.ts';
import type { PasswordParts } from './parts.ts';

type Parts = Pick<PasswordParts, 'pages' | 'paths' | 'cookies' | 'mailer'>;

/** What became of a link, the keys of its words by that, and whether it is good news. */
const outcomes = {
  'reset-done': true,
  'reset-unusable': false,
  'invitation-done': true,
  'invitation-unusable': false,
  'invitation-taken': false,
} as const;

type Outcome = keyof typeof outcomes;

export function showOutcome(ctx: Context, parts: Parts, outcome: Outcome): void {
  const { pages, paths, mailer } = parts;
  const { say } = pages.words(ctx);
  const isGood = outcomes[outcome];
  const uid = outcome === 'reset-done' ? waitingFlow(ctx, parts) : undefined;
  const asksAgain = outcome === 'reset-unusable' && mailer !== undefined;
  const page: LinkPage = {
    ...pages.frame(ctx, `link.${outcome}`),
    // In another language it would be asked for again, by an address at which nothing is good any more.
    ...(isGood && { languages: [] }),
    heading: say(`link.${outcome}`),
    explanation: say(uid === undefined ? `link.${outcome}-explained` : 'link.reset-done-flow'),
    isGood,
    href: asksAgain ? `${paths.password}/forgotten` : uid === undefined ? paths.account : paths.interaction(uid),
    button: say(asksAgain ? 'link.ask-again' : 'page.sign-in'),
  };
  // RFC 9110 §15.5.11: it was there, and is not any more.
  pages.show(ctx, 'link', page, { status: isGood ? 200 : 410 });
}

/** Where somebody was who forgot their password; in another browser that is not known. */
export function keepWaitingFlow(ctx: Context, parts: Parts & Pick<PasswordParts, 'policy'>): void {
  const { cookies, paths, policy } = parts;
  const uid = flowOf(ctx);
  const options = { ...cookies.protection, path: paths.password };
  if (uid === undefined) ctx.cookies.set(cookies.names.waiting, null, options);
  else ctx.cookies.set(cookies.names.waiting, uid, { ...options, maxAge: policy.lifetimes.interaction * 1000 });
}

function waitingFlow(ctx: Context, { cookies }: Parts): string | undefined {
  return ctx.cookies.get(cookies.names.waiting, { signed: true });
}

/** Of the address: nothing but a name of a flow, which leads to a page of ours or to none. */
export function flowOf(ctx: Context): string | undefined {
  const [uid = ''] = [ctx.query.flow].flat();
  return /^[\w-]{1,64}$/.test(uid) ? uid : undefined;
}
