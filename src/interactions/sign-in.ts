import type { SignInPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { asksToChoose } from './request.ts';
import type { Step } from './step.ts';
import { frame, leave, readStepForm, showPage } from './step.ts';

const wrong = 'The email or the password is wrong.';

export async function showSignIn(step: Step, parts: FlowParts): Promise<void> {
  const { login_hint: hint } = step.interaction.params;
  showPage(step, parts, 'sign-in', await presentSignIn(step, parts, { email: typeof hint === 'string' ? hint : '' }));
}

export async function submitSignIn(step: Step, parts: FlowParts): Promise<void> {
  const { ctx } = step;
  const form = await readStepForm(step, parts);
  const email = form.get('email') ?? '';
  const result = await parts.signIn({
    email,
    password: form.get('password') ?? '',
    address: parts.clientAddress(ctx),
  });
  if (result.kind === 'signed-in') {
    return leave(step, await parts.sessions.beginInFlow(ctx, step.interaction, result.account.id));
  }

  parts.log.info({ event: `sign_in.${result.kind}`, reference: ctx.state.reference }, 'sign-in refused');
  if (result.kind === 'limited') {
    ctx.set('Retry-After', String(result.retryAfterSeconds));
    const page = await presentSignIn(step, parts, { email, problem: tooMany(result.retryAfterSeconds) });
    return showPage(step, parts, 'sign-in', page, 429);
  }
  const page = await presentSignIn(step, parts, { email, problem: wrong, wrongFields: ['email', 'password'] });
  showPage(step, parts, 'sign-in', page, 422);
}

async function presentSignIn(
  step: Step,
  parts: FlowParts,
  input: { email: string; problem?: string; wrongFields?: SignInPage['wrongFields'] },
): Promise<SignInPage> {
  const accountId = step.interaction.session?.accountId;
  // Only when the person asked for another account: elsewhere the provider wants a fresh sign-in, and there is no way back.
  const current =
    accountId && step.interaction.prompt.name !== 'login' ? await parts.directory.findAccount(accountId) : undefined;
  return {
    ...frame('Sign in', parts),
    form: step.form('sign-in'),
    decline: step.form('decline'),
    requester: step.requester,
    wrongFields: [],
    ...input,
    ...(current && { back: { href: wayBack(step), email: current.email } }),
  };
}

/** Going on with this account is the choice of the account; what is left to choose is the organization. */
function wayBack(step: Step) {
  return asksToChoose(step) ? `${step.href}?organization=` : step.href;
}

function tooMany(seconds: number) {
  const minutes = Math.ceil(seconds / 60);
  return `Too many tries. Wait ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} and try again.`;
}
