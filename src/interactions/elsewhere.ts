import { seeOther } from '../http/index.ts';
import {
  type Arrival,
  onlyPlace,
  type Place,
  presentRefusal,
  reportRefusal,
  reportSignIn,
  type SignInRefusal,
  sendTo,
  statusOf,
} from '../sign-in/index.ts';
import type { SignInRefusedPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { acrValuesOf, asksToChoose } from './request.ts';
import { finish, type Step } from './step.ts';

/** The sign-in step at a place where somebody has an account; a page where that does not answer. */
export async function signInAt(step: Step, parts: FlowParts, place: Place): Promise<void> {
  const { ctx, interaction } = step;
  const { resource, organization, max_age: maxAge, ui_locales: uiLocales, login_hint: loginHint } = textsOf(step);
  const prompt = promptOf(step);
  const acrValues = acrValuesOf(step);
  const refusal = await sendTo(place, ctx, {
    uid: interaction.uid,
    lifetimeSeconds: interaction.exp - parts.clock.seconds(),
    asked: {
      client: describeClient(step),
      redirect_host: step.requester.destination,
      resource: resource ?? '',
      scopes: parts.catalogue.find(resource ?? '')?.expand(textsOf(step).scope?.split(' ') ?? []) ?? [],
      ...(organization !== undefined && { organization }),
      ...(prompt && { prompt }),
      ...(maxAge !== undefined && { max_age: Number(maxAge) }),
    },
    uiLocales,
    loginHint: textIn(ctx.query.login_hint) ?? loginHint,
    acrValues,
    mustProve: prompt === 'login' || maxAge !== undefined || acrValues.length > 0,
    organizationId: textIn(ctx.query.for),
  });
  if (!refusal) return;
  report(step, parts, refusal);
  showRefusal(step, parts, refusal);
}

/** What is said before anybody is sent anywhere, unless they asked for it. */
export function refusalOf({ ctx, interaction }: Step, { waysIn }: FlowParts): SignInRefusal | undefined {
  const { refusal, login } = interaction.lastSubmission ?? {};
  if (ctx.query.account !== undefined || ctx.query.with !== undefined) return undefined;
  // Asked a second time in one flow, perhaps after a form: no form of ours may be answered with redirects that end at
  // another origin (R104), and nobody is sent round and round.
  const again: SignInRefusal | undefined = login && onlyPlace(waysIn) ? { kind: 'again' } : undefined;
  return (refusal as SignInRefusal | undefined) ?? again;
}

/** The cookie and what came back, once; then on without that in the address. */
export async function returnFromElsewhere(step: Step, parts: FlowParts): Promise<void> {
  const { ctx, interaction } = step;
  const waiting = interaction.lastSubmission?.answer as Arrival | undefined;
  const brought = await parts.waysIn.redeem(ctx, interaction.uid);
  const arrival = brought.kind === 'refused' && brought.refusal.kind === 'late' ? (waiting ?? brought) : brought;
  if (arrival.kind === 'refused') return refuse(step, parts, arrival.refusal);
  const { facts, organizationId } = arrival;
  if (!(await findAccount(step, parts, arrival))) return refuse(step, parts, unknown(facts.origin?.provider));
  reportSignIn(parts.events, facts, step.client.clientId);
  const { login } = await parts.sessions.beginInFlow(ctx, interaction, facts);
  // What was approved before this sign-in was approved by somebody else, perhaps.
  interaction.lastSubmission = {
    ...interaction.lastSubmission,
    refusal: undefined,
    answer: undefined,
    consent: undefined,
  };
  await finish(step, {
    login: { ...login, ...(organizationId !== undefined && { organizationId }) } as typeof login & object,
  });
}

/** While the directory is away the answer waits for the page to be loaded again: what it came with is used up. */
async function findAccount({ interaction }: Step, { directory }: FlowParts, answer: Arrival & { kind: 'accepted' }) {
  try {
    return await directory.findAccount(answer.facts.accountId);
  } catch (error) {
    interaction.lastSubmission = { ...interaction.lastSubmission, answer };
    await interaction.persist();
    throw error;
  }
}

function unknown(provider: string | undefined): SignInRefusal {
  return { kind: 'unknown', ...(provider !== undefined && { provider, check: 'account' }) };
}

function report({ ctx, client }: Step, { events }: FlowParts, refusal: SignInRefusal): void {
  reportRefusal(events, refusal, { reference: ctx.state.request?.reference, client: client.clientId });
}

async function refuse(step: Step, parts: FlowParts, why: SignInRefusal): Promise<void> {
  const { ctx, interaction } = step;
  // Of the line in the log: the page is shown by the next request.
  const refusal: SignInRefusal = { ...why, reference: ctx.state.request?.reference };
  report(step, parts, refusal);
  // What belongs to another flow, or was used, changes nothing here.
  if (refusal.kind === 'late') return showRefusal(step, parts, refusal);
  if (refusal.kind === 'rejected' && !refusal.message)
    return finish(step, { error: 'access_denied', error_description: 'the person was not signed in' });
  interaction.lastSubmission = { ...interaction.lastSubmission, refusal };
  await interaction.persist();
  seeOther(ctx, step.href);
}

export function showRefusal(step: Step, parts: FlowParts, refusal: SignInRefusal): void {
  const { waysIn, pages } = parts;
  const choosesAnother = refusal.kind === 'rejected' || refusal.kind === 'unknown';
  const place = 'provider' in refusal ? waysIn.find(refusal.provider) : undefined;
  const account = choosesAnother ? 'another' : 'same';
  const hasChoice = onlyPlace(waysIn) === undefined;
  const page: SignInRefusedPage = {
    ...pages.frame(step.ctx, 'refusal.title'),
    ...presentRefusal(refusal, pages.words(step.ctx)),
    retryHref: place ? `${step.href}?with=${place.id}&account=${account}` : `${step.href}?account=${account}`,
    ...(place && hasChoice && { choiceHref: `${step.href}?account=same` }),
    decline: step.form('decline'),
  };
  pages.show(step.ctx, 'sign-in-refused', page, { status: statusOf(refusal) });
}

/** `prompt=login` asks for more than a choice does: it is not given up for one. */
function promptOf(step: Step): 'login' | 'select_account' | undefined {
  const prompts = textsOf(step).prompt?.split(' ') ?? [];
  if (prompts.includes('login')) return 'login';
  return step.ctx.query.account === 'another' || asksToChoose(step) ? 'select_account' : undefined;
}

/** The host of a document is proven by its being there; what else a client says of itself is a claim. */
function describeClient({ client, requester }: Step) {
  const { name, assurance } = requester;
  const host = requester.host ?? URL.parse(client.clientUri ?? '')?.host;
  return { name, ...(host && { host }), verified: assurance !== 'claimed' };
}

function textsOf({ interaction }: Step): Partial<Record<string, string>> {
  const present = Object.entries(interaction.params).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(present.map(([name, value]) => [name, String(value)]));
}

function textIn(asked: string | string[] | undefined): string | undefined {
  return typeof asked === 'string' ? asked : undefined;
}
