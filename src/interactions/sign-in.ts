import { onlyPlace, type SignInOccasion, showSignInForm, submitSignInForm } from '../sign-in/index.ts';
import { refusalOf, showRefusal, signInAt } from './elsewhere.ts';
import type { SignInPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { asksToChoose } from './request.ts';
import { signingIn } from './second-step.ts';
import type { Step } from './step.ts';

export async function showSignIn(step: Step, parts: FlowParts): Promise<void> {
  const occasion = occasionOf(step, parts);
  if (await parts.secondStep.show(occasion.at)) return;
  const refusal = refusalOf(step, parts);
  if (refusal) return showRefusal(step, parts, refusal);
  const place = parts.waysIn.find(step.ctx.query.with) ?? onlyPlace(parts.waysIn);
  if (place) return signInAt(step, parts, place);
  const { login_hint: hint } = step.interaction.params;
  await showSignInForm(occasion, parts, typeof hint === 'string' ? hint : '');
}

export async function submitSignIn(step: Step, parts: FlowParts): Promise<void> {
  await submitSignInForm(occasionOf(step, parts), parts);
}

function occasionOf(step: Step, parts: FlowParts) {
  const { pages, secondStep } = parts;
  const at = signingIn(step, parts);
  return {
    at,
    form: () => step.form('sign-in'),
    flow: step.interaction.uid,
    afterPassword(account) {
      parts.sessions.readAhead(account.id);
      return secondStep.afterPassword(at, account);
    },
    async show(shared, answer) {
      const { requester } = step;
      const back = await findWayBack(step, parts);
      const page: SignInPage = { ...shared, decline: step.form('decline'), requester, ...(back && { back }) };
      pages.show(step.ctx, 'sign-in', page, answer);
    },
  } satisfies SignInOccasion;
}

/** Going on with the account that is signed in is the choice of the account; what is left to choose is the organization. */
async function findWayBack(step: Step, { directory }: FlowParts): Promise<SignInPage['back']> {
  const { session, prompt } = step.interaction;
  // Only when the person asked for another account: elsewhere the provider wants a fresh sign-in, and there is no way back.
  if (!session?.accountId || prompt.name === 'login') return undefined;
  const current = await directory.findAccount(session.accountId);
  return current && { href: asksToChoose(step) ? `${step.href}?organization=` : step.href, email: current.email };
}
