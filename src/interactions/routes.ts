import type { Context } from 'koa';
import { type Endpoint, refuseForeignForm, seeOther } from '../http/index.ts';
import { submitConsent } from './consent.ts';
import { createRememberCurrentStep, redirectToCurrentStep } from './current-step.ts';
import { returnFromConsole } from './hand-off.ts';
import { showApproval } from './organization.ts';
import type { FlowParts } from './parts.ts';
import { asksToChoose } from './request.ts';
import { showSignIn, submitSignIn } from './sign-in.ts';
import { finish, loadStep, readStepForm, type Step } from './step.ts';

type Handler = (step: Step, parts: FlowParts) => Promise<void>;

/** The pages of the flow. `resume`: the route on which oidc-provider goes on after each of them. */
export function interactionEndpoints(parts: FlowParts, { resume }: { readonly resume: string }): Endpoint[] {
  const page = `${parts.paths.interactions}/:uid`;
  const step = async (ctx: Context, handle: Handler) => handle(await loadStep(ctx, parts), parts);
  const current = (ctx: Context, handle: Handler) =>
    redirectToCurrentStep(ctx, parts) ? undefined : step(ctx, handle);
  /** Where a form goes. Whoever comes there by its URL alone is led to the page that it is on: a GET changes nothing. */
  const form = (name: string, handler: (ctx: Context) => unknown): Endpoint[] => {
    const endpoint = { name: 'interaction', path: `${page}/${name}` };
    const submit = (ctx: Context) => {
      refuseForeignForm(ctx);
      return handler(ctx);
    };
    const leadBack = (ctx: Context) => seeOther(ctx, parts.paths.interaction(ctx.params.uid));
    return [
      { ...endpoint, methods: ['POST'], handler: submit },
      { ...endpoint, methods: ['GET'], handler: leadBack },
    ];
  };
  return [
    { name: 'interaction', path: page, methods: ['GET'], handler: (ctx) => current(ctx, show) },
    ...form('sign-in', (ctx) => current(ctx, submitSignIn)),
    ...form('consent', (ctx) => step(ctx, submitConsent)),
    ...form('decline', (ctx) => step(ctx, submitDecline)),
    { name: 'resume', path: resume, methods: ['GET'], after: createRememberCurrentStep(parts) },
  ];
}

/** Where the browser comes back to from the console that has the accounts. */
export function createReturnToFlow(parts: FlowParts): (ctx: Context) => unknown {
  return async (ctx) => {
    if (!redirectToCurrentStep(ctx, parts)) await returnFromConsole(await loadStep(ctx, parts), parts);
  };
}

async function show(step: Step, parts: FlowParts) {
  const { prompt, session } = step.interaction;
  const choosesAccount = step.ctx.query.account === 'another' || asksToChoose(step);
  if (prompt.name === 'login' || !session?.accountId || choosesAccount) return showSignIn(step, parts);
  return showApproval(step, parts);
}

/** The tool learns that the person said no (RFC 6749 §4.1.2.1), on whichever page they said it. */
async function submitDecline(step: Step, parts: FlowParts): Promise<void> {
  await readStepForm(step, parts);
  await finish(step, { error: 'access_denied', error_description: 'the person declined the request' });
}
