import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { refuseForeignForms } from '../http/index.ts';
import { submitConsent } from './consent.ts';
import { redirectToCurrentStep, rememberCurrentStep } from './current-step.ts';
import { showApproval } from './organization.ts';
import type { FlowParts } from './parts.ts';
import { asksToChoose } from './request.ts';
import { showSignIn, submitSignIn } from './sign-in.ts';
import { finish, loadStep, readStepForm, type Step } from './step.ts';

type Handler = (step: Step, parts: FlowParts) => Promise<void>;

/** The pages of the flow, as one middleware. */
export function createInteractionRoutes(parts: FlowParts): Middleware {
  const { interactions } = parts.paths;
  const router = new Router({ prefix: `${interactions}/:uid` });
  const step = (handle: Handler) => (async (ctx: Context) => handle(await loadStep(ctx, parts), parts)) as never;
  const current = redirectToCurrentStep(parts) as never;

  router.use(refuseForeignForms as never);
  router.get('/', current, step(show));
  router.post('/sign-in', current, step(submitSignIn));
  router.post('/consent', step(submitConsent));
  router.post('/decline', step(submitDecline));
  const pages = router.routes() as unknown as Middleware;
  const remember = rememberCurrentStep(parts);
  // The router looks at every request, and most are none of its. In either case, as the router takes them.
  const below = `${interactions.toLowerCase()}/`;
  return function interactionPages(ctx, next) {
    if (ctx.path.toLowerCase().startsWith(below)) return pages(ctx, next);
    return ctx.method === 'GET' ? remember(ctx, next) : next();
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
