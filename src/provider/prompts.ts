import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';

const { Check, Prompt, base } = interactionPolicy;

/** Whether the session that began at this time was ended from elsewhere. */
export type HasSignedOut = (accountId: string, loginTs: number | undefined) => Promise<boolean>;

interface PromptParts {
  readonly hasSignedOut: HasSignedOut;
  /** Accounts are in a console: it is asked at every authorization, so that signing out there is signing out here. */
  readonly signsInElsewhere?: boolean | undefined;
}

/** Which page comes next: the only place that decides. Every step of the flow returns here. */
export function createPrompts({ hasSignedOut, signsInElsewhere = false }: PromptParts) {
  const prompts = base();

  prompts.get('login')?.checks.add(
    new Check('account_gone', 'the account of this session is gone or disabled', (ctx) => {
      return Boolean(ctx.oidc.session?.accountId) && !ctx.oidc.account;
    }),
  );

  prompts.get('login')?.checks.add(
    new Check('signed_out', 'the person signed out on all devices since', async (ctx) => {
      const { accountId, loginTs } = ctx.oidc.session ?? {};
      return accountId !== undefined && (await hasSignedOut(accountId, loginTs));
    }),
  );

  if (signsInElsewhere) {
    prompts.get('login')?.checks.add(
      new Check('console', 'the console has not said in this flow who it is', (ctx) => {
        const { session, result } = ctx.oidc;
        return Boolean(session?.accountId) && result?.login?.accountId !== session?.accountId;
      }),
    );
  }

  // Accepted, and answered by the pages of the consent step (R40): which account and organization is a choice in a URL,
  // not a step of its own.
  const selectAccount = new Prompt({ name: 'select_account', requestable: true });
  selectAccount.checks.clear();
  prompts.add(selectAccount);

  prompts.remove('consent');
  prompts.add(
    new Prompt(
      { name: 'consent', requestable: true },
      // One grant per authorization (decision 10): another installation, or another organization, is another approval.
      new Check('approval', 'each authorization is approved by a person', 'consent_required', (ctx) => {
        return !approvedGrantId(ctx);
      }),
    ),
  );

  return prompts;
}

/** The grant of the approval that was just given in this very flow; never one of an earlier flow (R52). */
export function approvedGrantId(ctx: KoaContextWithOIDC): string | undefined {
  return ctx.oidc.result?.consent?.grantId;
}
