import { seeOther } from '../http/index.ts';
import { onlyPlace, type Place, presentButton, type SignInFields, unsentFields } from '../sign-in/index.ts';
import { refusalOf, showRefusal, signInAt } from './elsewhere.ts';
import type { SignInElsewherePage, SignInPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { acrValuesOf, asksToChoose } from './request.ts';
import { showSecondStep, signingIn } from './second-step.ts';
import type { Step } from './step.ts';
import { readStepForm } from './step.ts';

export async function showSignIn(step: Step, parts: FlowParts): Promise<void> {
  if (await showSecondStep(step, parts)) return;
  const refusal = refusalOf(step, parts);
  if (refusal) return showRefusal(step, parts, refusal);
  const place = parts.waysIn.find(step.ctx.query.with) ?? onlyPlace(parts.waysIn);
  if (place) return signInAt(step, parts, place);
  const { login_hint: hint } = step.interaction.params;
  await show(step, parts, unsentFields(typeof hint === 'string' ? hint : ''));
}

export async function submitSignIn(step: Step, parts: FlowParts): Promise<void> {
  const { ctx, client } = step;
  const { passwords, byEmail, placeOfEmail } = parts.waysIn;
  const takes = waysFor(step, parts);
  // No password is taken where accounts are elsewhere.
  if (!passwords && !byEmail) return seeOther(ctx, step.href);
  const form = await readStepForm(step, parts);
  const email = form.get('email') ?? '';
  // Whose email belongs to a provider signs in there, and never with a password here.
  const place = placeOfEmail(email);
  if (place) return leadTo(step, parts, place, email);
  if (!takes.passwords)
    return show(step, parts, { ...unsentFields(email), error: parts.pages.words(ctx).say('sign-in.no-way') }, 422);
  if (!form.has('password')) return show(step, parts, unsentFields(email), 200, true);
  const attempt = await parts.submitSignIn(ctx, form, parts.pages.words(ctx), client.clientId);
  if (!attempt.account) return show(step, parts, attempt.fields, attempt.status, true);
  await parts.secondStep.afterPassword(signingIn(step, parts), attempt.account);
}

/** Which of the ways can do what the request asks for: where it names ways of signing in, a password alone says none of them. */
function waysFor(step: Step, { waysIn, secondStep }: FlowParts) {
  const { places, passwords } = waysIn;
  const asked = acrValuesOf(step);
  const proving = asked.length === 0 ? [] : places.filter(({ provesSignIn }) => provesSignIn);
  const here = passwords && secondStep.canProve(asked);
  return proving.length > 0 || here ? { places: proving, passwords: here } : { places, passwords };
}

/**
 * By a page of ours: a form may not be answered with a redirect that ends elsewhere (R104), as `form-action` would have it.
 */
function leadTo(step: Step, { pages }: FlowParts, place: Place, email: string): void {
  const href = hrefOf(step, place, { login_hint: email });
  const page: SignInElsewherePage = {
    ...pages.frame(step.ctx, 'sign-in.title'),
    host: place.host,
    href,
    goesOnTo: href,
  };
  pages.show(step.ctx, 'sign-in-elsewhere', page);
}

function hrefOf({ href, ctx }: Step, { id }: Place, more: Record<string, string> = {}): string {
  const { account } = ctx.query;
  const query = new URLSearchParams({ with: id, ...(typeof account === 'string' && { account }), ...more });
  return `${href}?${query}`;
}

/** `isKnown`: the email was sent, and leads to no provider. */
async function show(step: Step, parts: FlowParts, fields: SignInFields, status = 200, isKnown = false) {
  const accountId = step.interaction.session?.accountId;
  // Only when the person asked for another account: elsewhere the provider wants a fresh sign-in, and there is no way back.
  const current =
    accountId && step.interaction.prompt.name !== 'login' ? await parts.directory.findAccount(accountId) : undefined;
  const { places, passwords } = waysFor(step, parts);
  const { byEmail } = parts.waysIn;
  const page: SignInPage = {
    ...parts.pages.frame(step.ctx, 'sign-in.title'),
    ...((passwords || byEmail) && { form: step.form('sign-in') }),
    emailOnly: byEmail && !isKnown,
    ways: places.map((place) => ({
      href: hrefOf(step, place),
      button: presentButton(place, parts.pages.words(step.ctx)),
    })),
    forgottenHref: passwords ? parts.passwords?.forgottenHref(step.interaction.uid) : undefined,
    passkeyHref: passwords ? parts.secondStep.passkeyHref(step) : undefined,
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
