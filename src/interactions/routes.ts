import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { refuseForeignForms } from '../http/index.ts';
import { showApproval } from './approval.ts';
import { submitConsent } from './consent.ts';
import { submitDecline } from './decline.ts';
import { leadOn, rememberNextStep } from './lead-on.ts';
import type { FlowParts } from './parts.ts';
import { asksToChoose } from './request.ts';
import { showSignIn, submitSignIn } from './sign-in.ts';
import { loadStep, type Step } from './step.ts';

/** The pages of the flow, as one middleware. */
export function createInteractionRoutes(parts: FlowParts): Middleware {
  const router = new Router({ prefix: '/interaction/:uid' });
  const step = (deed: (step: Step, parts: FlowParts) => Promise<void>): Middleware =>
    async function interactionStep(ctx) {
      await deed(await loadStep(ctx as Context, parts), parts);
    };

  router.use(refuseForeignForms as never);
  router.get('/', leadOn(parts) as never, step(show) as never);
  router.post('/sign-in', leadOn(parts) as never, step(submitSignIn) as never);
  router.post('/consent', step(submitConsent) as never);
  router.post('/decline', step(submitDecline) as never);
  const pages = router.routes() as unknown as Middleware;
  const remember = rememberNextStep(parts);
  return function interactions(ctx, next) {
    if (/^\/interaction\//i.test(ctx.path)) return pages(ctx, next);
    return ctx.method === 'GET' ? remember(ctx, next) : next();
  };
}

async function show(step: Step, parts: FlowParts) {
  const { prompt, session } = step.interaction;
  const choosesAccount = step.ctx.query.account === 'another' || asksToChoose(step);
  if (prompt.name === 'login' || !session?.accountId || choosesAccount) return showSignIn(step, parts);
  return showApproval(step, parts);
}
