import { seeOther } from '../http/index.ts';
import { type SignInFields, unsentFields } from '../sign-in/index.ts';
import { signInElsewhere } from './hand-off.ts';
import type { SignInPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { asksToChoose } from './request.ts';
import type { Step } from './step.ts';
import { finish, readStepForm } from './step.ts';

export async function showSignIn(step: Step, parts: FlowParts): Promise<void> {
  if (parts.handOff) return signInElsewhere(step, parts, parts.handOff);
  const { login_hint: hint } = step.interaction.params;
  await show(step, parts, unsentFields(typeof hint === 'string' ? hint : ''));
}

export async function submitSignIn(step: Step, parts: FlowParts): Promise<void> {
  const { ctx, interaction, client } = step;
  // No password is taken where accounts are elsewhere.
  if (parts.handOff) return seeOther(ctx, step.href);
  const attempt = await parts.submitSignIn(ctx, await readStepForm(step, parts), client.clientId);
  if (!attempt.account) return show(step, parts, attempt.fields, attempt.status);
  await finish(step, await parts.sessions.beginInFlow(ctx, interaction, { accountId: attempt.account.id }));
}

async function show(step: Step, parts: FlowParts, fields: SignInFields, status = 200) {
  const accountId = step.interaction.session?.accountId;
  // Only when the person asked for another account: elsewhere the provider wants a fresh sign-in, and there is no way back.
  const current =
    accountId && step.interaction.prompt.name !== 'login' ? await parts.directory.findAccount(accountId) : undefined;
  const page: SignInPage = {
    ...parts.pages.frame('Sign in'),
    form: step.form('sign-in'),
    decline: step.form('decline'),
    requester: step.requester,
    ...fields,
    ...(current && { back: { href: wayBack(step), email: current.email } }),
  };
  parts.pages.show(step.ctx, 'sign-in', page, { status });
}

/** Going on with this account is the choice of the account; what is left to choose is the organization. */
function wayBack(step: Step) {
  return asksToChoose(step) ? `${step.href}?organization=` : step.href;
}
