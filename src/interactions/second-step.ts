import type { SigningIn } from '../factors/index.ts';
import type { FlowParts } from './parts.ts';
import { acrValuesOf } from './request.ts';
import { decide, readStepForm, type Step } from './step.ts';

/** Signing in to an account here, as far as it is about this flow. */
export function signingIn(step: Step, parts: FlowParts): SigningIn {
  const { ctx, interaction, client, href, requester } = step;
  return {
    ctx,
    id: interaction.uid,
    href,
    path: href,
    acrValues: acrValuesOf(step),
    form: step.form('factor'),
    readForm: () => readStepForm(step, parts),
    client: client.clientId,
    asking: { requester, decline: step.form('decline') },
    signedIn: mayGoOn(step) ? step.signedIn : undefined,
    async begin(facts) {
      await decide(step, await parts.sessions.beginInFlow(ctx, interaction, facts));
      return interaction.returnTo;
    },
    goOn: () => step.goOn(),
  };
}

/**
 * Whether who is signed in lacks the second factor only, and asks for it. Not where the request wants a sign-in of its own
 * (`prompt=login`, `max_age`, `acr_values`): that begins with the password.
 */
function mayGoOn({ ctx, interaction }: Step): boolean {
  return interaction.prompt.name !== 'login' && (ctx.method === 'POST' || ctx.query.use !== undefined);
}

export async function submitSecondStep(step: Step, parts: FlowParts): Promise<void> {
  await parts.secondStep.submit(signingIn(step, parts));
}
