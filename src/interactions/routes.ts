import type { Context, Next } from 'koa';
import QuickLRU from 'quick-lru';
import { type Endpoint, refuseForeignForm, refuseWithoutCookies, seeOther } from '../http/index.ts';
import { whenKept } from '../storage/index.ts';
import { logoEndpoint } from './client-logos.ts';
import { submitConsent } from './consent.ts';
import { createRememberCurrentStep, redirectToCurrentStep } from './current-step.ts';
import { createGuardSignOut, refuseForeignPage } from './departures.ts';
import { returnFromElsewhere } from './elsewhere.ts';
import { FlowEnded } from './error-words.ts';
import { createGoOnByRedirect, createGoOnWithin, type GoOn } from './go-on.ts';
import { showApproval } from './organization.ts';
import type { FlowParts } from './parts.ts';
import { recordsOfOutcome, showReceipt } from './receipt-page.ts';
import { createKeepReceipt, findReceipt, isOfFlow, leadToReceipt } from './receipts.ts';
import { asksToChoose } from './request.ts';
import { signingIn, submitSecondStep } from './second-step.ts';
import { showSignIn, submitSignIn } from './sign-in.ts';
import { finish, loadStep, readStepForm, type Step } from './step.ts';

type Handler = (step: Step, parts: FlowParts) => Promise<void>;

/** Where oidc-provider goes on after each page of the flow, and where it signs people out. */
interface ProviderRoutes {
  readonly resume: string;
  readonly signOut: string;
}

/** The pages of the flow, and what we do where the provider answers people. */
export function interactionEndpoints(parts: FlowParts, { resume, signOut }: ProviderRoutes): Endpoint[] {
  const page = `${parts.paths.interactions}/:uid`;
  const goOnByRedirect = createGoOnByRedirect(parts);
  const step = async (ctx: Context, handle: Handler, goOn = goOnByRedirect) =>
    handle(await loadStep(ctx, parts, goOn), parts);
  const current = (ctx: Context, handle: Handler, goOn?: GoOn) =>
    redirectToCurrentStep(ctx, parts) ? undefined : step(ctx, handle, goOn);
  const leadBack = (ctx: Context) => seeOther(ctx, parts.paths.interaction(ctx.params.uid));

  /** Where a form goes. Whoever comes there by its URL alone is led to the page that it is on: a GET changes nothing. */
  const form = (name: string, handler: (ctx: Context, goOn: GoOn) => unknown): Endpoint[] => {
    const endpoint = { name: 'interaction', path: `${page}/${name}` };
    const submit = async (ctx: Context, next: Next) => {
      refuseForeignForm(ctx);
      const goOn: GoOn = async (_ctx, interaction) => {
        await goOnWithin(ctx, interaction, next);
        await whenGoneOn(ctx);
      };
      // Sent twice, or from two tabs: where the first one came is where the second one is led, with the cookies of now.
      await unlessEnded(
        () => handler(ctx, goOn),
        async () => {
          const isMeant = isOfFlow(ctx, parts);
          if (isMeant) leadToReceipt(ctx, parts, ctx.params.uid);
          return isMeant;
        },
      );
    };
    return [
      { ...endpoint, methods: ['POST'], once: 'form', handler: submit },
      { ...endpoint, methods: ['GET'], handler: leadBack },
    ];
  };
  /** Of flows that have just ended here: read with the receipt. */
  const ended = new QuickLRU<string, readonly string[]>({ maxSize: 500 });
  const showOutcome = async (ctx: Context) => {
    const records = ended.get(ctx.params.uid) ?? [];
    parts.reads.forget(records);
    parts.reads.ahead(records);
    const receipt = await findReceipt(ctx, parts);
    return receipt !== undefined && showReceipt(ctx, parts, receipt);
  };
  const showPage = async (ctx: Context) => {
    // Where its last form leads, the flow is over.
    if (ctx.query.answered !== undefined && (await showOutcome(ctx))) return;
    await unlessEnded(
      () => current(ctx, show),
      () => showOutcome(ctx),
    );
  };

  const rememberCurrentStep = createRememberCurrentStep(parts);
  const keepReceipt = createKeepReceipt(parts, (uid, receipt) => ended.set(uid, recordsOfOutcome(receipt, parts)));
  const goOnWithin = createGoOnWithin(parts);
  const whenGoneOn = async (ctx: Context) => {
    refuseForeignPage(ctx);
    rememberCurrentStep(ctx);
    if (await keepReceipt(ctx)) leadToReceipt(ctx, parts, ctx.params.uid);
  };
  const guard = createGuardSignOut(parts);
  return [
    { name: 'interaction', path: page, methods: ['GET'], handler: showPage },
    logoEndpoint(parts),
    ...form('sign-in', (ctx, goOn) => current(ctx, submitSignIn, goOn)),
    ...form('factor', (ctx, goOn) => current(ctx, submitSecondStep, goOn)),
    ...form('consent', (ctx, goOn) => step(ctx, submitConsent, goOn)),
    ...form('decline', (ctx, goOn) => step(ctx, submitDecline, goOn)),
    { name: 'resume', path: resume, methods: ['GET'], once: 'visit', after: whenGoneOn },
    { name: 'end_session', path: signOut, methods: ['GET'], after: guard.asked },
    {
      name: 'end_session_confirm',
      path: `${signOut}/confirm`,
      methods: ['POST'],
      once: 'form',
      before: (ctx) => refuseWithoutCookies(ctx, 400),
      after: guard.confirmed,
    },
  ];
}

/** `otherwise` is asked when the flow is over, and answers or declines to. */
async function unlessEnded(handler: () => unknown, otherwise: () => Promise<boolean>) {
  try {
    await handler();
  } catch (error) {
    if (!(error instanceof FlowEnded) || !(await otherwise())) throw error;
  }
}

/** Where the browser comes back to from the place that has the account. */
export function createReturnToFlow(parts: FlowParts): (ctx: Context) => unknown {
  const goOn = createGoOnByRedirect(parts);
  return async (ctx) => {
    if (!redirectToCurrentStep(ctx, parts)) await returnFromElsewhere(await loadStep(ctx, parts, goOn), parts);
  };
}

async function show(step: Step, parts: FlowParts) {
  const { prompt, session, result } = step.interaction;
  // Decided, when it turned out that the flow could not go on then.
  if (result && step.ctx.query.answered === undefined) return void (await step.goOn());
  const { account, with: way, use } = step.ctx.query;
  const choosesAccount = account === 'another' || way !== undefined || use !== undefined || asksToChoose(step);
  if (prompt.name === 'login' || !session?.accountId || choosesAccount) return showSignIn(step, parts);
  // Somebody else has typed a password, or who is signed in shows more than that.
  if (await parts.secondStep.show(signingIn(step, parts))) return;
  return showApproval(step, parts);
}

/** The tool learns that the person said no (RFC 6749 §4.1.2.1), on whichever page they said it. */
async function submitDecline(step: Step, parts: FlowParts): Promise<void> {
  await readStepForm(step, parts);
  const { client, interaction } = step;
  const account = interaction.session?.accountId;
  whenKept(() => parts.events.emit({ event: 'consent.declined', account, client: client.clientId }));
  await finish(step, { error: 'access_denied', error_description: 'the person declined the request' });
}
