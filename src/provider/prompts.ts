import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { perRequest } from '../adapter/index.ts';
import type { createFindAccount } from './claims.ts';

const { Check, Prompt, base } = interactionPolicy;

/** What a client is told that wants no page (`prompt=none`) where somebody has to sign in once more (OIDC Core §3.1.2.6). */
const signIn = 'login_required';

type Session = NonNullable<KoaContextWithOIDC['oidc']['session']>;

/** Whether this session was ended from elsewhere. */
export type HasSignedOut = (session: Session) => Promise<boolean>;

type FindAccount = ReturnType<typeof createFindAccount>;

interface PromptParts {
  readonly hasSignedOut: HasSignedOut;
  /** Its account is in a console, which is asked at every authorization, so that signing out there is signing out here. */
  readonly isOfConsole?: ((session: Session) => boolean) | undefined;
  /** Whether there is a way in that can say what is asked for of how somebody signed in. */
  readonly provesAcr?: ((asked: readonly string[]) => boolean) | undefined;
  /** Nobody knows when its person signed in. */
  readonly isUndated?: ((session: Session) => boolean) | undefined;
  /** The operator wants a second factor of everybody, and this session has none. */
  readonly lacksFactor?: ((session: Session) => boolean) | undefined;
}

/** One answer a request, which is asked for while the account is: the flow waits once for both. */
export function askBeside(findAccount: FindAccount, hasSignedOut: HasSignedOut) {
  const asked = perRequest<Promise<boolean>>();
  return {
    findAccount(ctx: KoaContextWithOIDC, accountId: string): ReturnType<FindAccount> {
      const { session } = ctx.oidc;
      if (session?.accountId === accountId) {
        const answer = hasSignedOut(session);
        // Told to whoever waits for it; nobody may, where the account is gone.
        answer.catch(() => undefined);
        asked.set(answer);
      }
      return findAccount(ctx, accountId);
    },
    hasSignedOut: (session: Session) => asked.get() ?? hasSignedOut(session),
  };
}

/** Which page comes next: the only place that decides. Every step of the flow returns here. */
export function createPrompts({
  hasSignedOut,
  isOfConsole,
  provesAcr = () => false,
  isUndated = () => false,
  lacksFactor = () => false,
}: PromptParts) {
  const prompts = base();

  prompts.get('login')?.checks.add(
    new Check('account_gone', 'the account of this session is gone or disabled', signIn, (ctx) => {
      return Boolean(ctx.oidc.session?.accountId) && !ctx.oidc.account;
    }),
  );

  prompts.get('login')?.checks.add(
    new Check('signed_out', 'the person signed out on all devices since', signIn, async (ctx) => {
      const { session } = ctx.oidc;
      return session?.accountId !== undefined && (await hasSignedOut(session));
    }),
  );

  if (isOfConsole) {
    prompts.get('login')?.checks.add(
      new Check('console', 'the console has not said in this flow who it is', signIn, (ctx) => {
        const { session, result } = ctx.oidc;
        return Boolean(session?.accountId && isOfConsole(session)) && result?.login?.accountId !== session?.accountId;
      }),
    );
  }

  prompts.get('login')?.checks.add(
    new Check('second_factor', 'only a password was shown', signIn, (ctx) => {
      const { session } = ctx.oidc;
      return session?.accountId !== undefined && lacksFactor(session);
    }),
  );

  prompts.get('login')?.checks.add(
    new Check('undated', 'nobody knows how long ago the sign-in was that max_age asks about', (ctx) => {
      const { session, result, params } = ctx.oidc;
      return params?.max_age !== undefined && !result?.login && session?.accountId !== undefined && isUndated(session);
    }),
  );

  prompts.get('login')?.checks.add(
    // Once in a flow: whoever signs in is checked when they come back (OIDC Core §5.5.1.1), and nobody goes round and round.
    new Check('acr', 'nobody has signed in in a way that was asked for', signIn, (ctx) => {
      const { session, result, params } = ctx.oidc;
      const asked = String(params?.acr_values ?? '')
        .split(' ')
        .filter(Boolean);
      if (asked.length === 0 || !session?.accountId || result?.login || !provesAcr(asked)) return false;
      return !asked.includes(String(session.acr));
    }),
  );

  // Accepted, and answered by the pages of the consent step (R40): which account and organization is a choice in a URL,
  // not a step of its own.
  const selectAccount = new Prompt({ name: 'select_account', requestable: true });
  selectAccount.checks.clear();
  prompts.add(selectAccount);

  prompts.remove('consent');
  prompts.add(
    new Prompt(
      { name: 'consent', requestable: true },
      // Whichever connection an approval belongs to, a person has seen the page.
      new Check('approval', 'each authorization is approved by a person', 'consent_required', (ctx) => {
        // What was approved may have been ended a moment later: then it is approved anew.
        return !approvedGrantId(ctx) || ctx.oidc.entities.Grant?.jti !== approvedGrantId(ctx);
      }),
    ),
  );

  return prompts;
}

/** The grant of the approval that was just given in this very flow; never one of an earlier flow (R52). */
export function approvedGrantId(ctx: KoaContextWithOIDC): string | undefined {
  return ctx.oidc.result?.consent?.grantId;
}

/**
 * The code is for what was approved, which is more than was asked for when the connection has something already (RFC 6749
 * §3.3: the token response says so). oidc-provider 9.13 reads the parameter when it makes the code.
 */
export function useApprovedScope({ oidc }: KoaContextWithOIDC): void {
  const { scope } = (oidc.result?.approved ?? {}) as { scope?: string };
  if (oidc.params && scope !== undefined) oidc.params.scope = scope;
}
