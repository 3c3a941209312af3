import { describesItself } from '../clients/index.ts';
import { seeOther } from '../http/index.ts';
import {
  type Accepted,
  findRefusal,
  type HandOff,
  type HandOffRefusal,
  presentRefusal,
  signInFacts,
} from '../sign-in/index.ts';
import type { SignInRefusedPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { asksToChoose } from './request.ts';
import { finish, type Step } from './step.ts';

/** The sign-in step where accounts are in a console: there, or, once it has said no, a page that says so. */
export async function signInElsewhere(step: Step, parts: FlowParts, handOff: HandOff): Promise<void> {
  const refusal = refusalOf(step);
  if (refusal) return showRefusal(step, parts, refusal);
  const { interaction } = step;
  const { resource, organization, max_age: maxAge, ui_locales: uiLocales, login_hint: loginHint } = textsOf(step);
  const prompt = promptOf(step);
  await handOff.begin(step.ctx, {
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
    loginHint,
  });
}

/** What is said before anybody is sent to the console, unless they asked for it. */
function refusalOf({ ctx, interaction }: Step): HandOffRefusal | undefined {
  const { refusal, login } = interaction.lastSubmission ?? {};
  if (ctx.query.account !== undefined) return undefined;
  // Asked a second time in one flow, perhaps after a form: no form of ours may be answered with redirects that end at
  // another origin (R104), and nobody is sent round and round.
  return (refusal as HandOffRefusal | undefined) ?? (login ? { kind: 'again' } : undefined);
}

/** Cookie and ticket both, once; then on without the ticket in the address. */
export async function returnFromConsole(step: Step, parts: FlowParts): Promise<void> {
  const { ctx, interaction } = step;
  const waiting = interaction.lastSubmission?.answer as Accepted | undefined;
  const redeemed = (await parts.handOff?.redeem(ctx, interaction.uid)) ?? waiting;
  const refusal = findRefusal(redeemed);
  if (refusal || redeemed?.kind !== 'accepted') return refuse(step, parts, refusal ?? { kind: 'late' });
  const { organization: organizationId } = redeemed.body;
  if (!(await findAccount(step, parts, redeemed))) return refuse(step, parts, { kind: 'unknown' });
  const { clientId } = step.client;
  const account = redeemed.body.account.id;
  parts.events.emit({ event: 'sign_in', account, client: clientId, method: 'console' });
  const { login } = await parts.sessions.beginInFlow(ctx, interaction, signInFacts(redeemed));
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

/** While the directory is away the answer waits for the page to be loaded again: its ticket is used up. */
async function findAccount({ interaction }: Step, { directory }: FlowParts, answer: Accepted) {
  try {
    return await directory.findAccount(answer.body.account.id);
  } catch (error) {
    interaction.lastSubmission = { ...interaction.lastSubmission, answer };
    await interaction.persist();
    throw error;
  }
}

async function refuse(step: Step, parts: FlowParts, refusal: HandOffRefusal): Promise<void> {
  const { ctx, interaction, client } = step;
  const { kind } = refusal;
  parts.events.emit({ event: 'sign_in.hand_off_refused', client: client.clientId, reason: kind });
  // The ticket of another flow, or one that was used, changes nothing here.
  if (kind === 'late') return showRefusal(step, parts, refusal);
  if (kind === 'rejected' && !refusal.message)
    return finish(step, { error: 'access_denied', error_description: 'the person was not signed in' });
  interaction.lastSubmission = { ...interaction.lastSubmission, refusal };
  await interaction.persist();
  seeOther(ctx, step.href);
}

function showRefusal(step: Step, parts: FlowParts, refusal: HandOffRefusal): void {
  const choosesAnother = refusal.kind === 'rejected' || refusal.kind === 'unknown';
  const page: SignInRefusedPage = {
    ...parts.pages.frame('Not signed in'),
    ...presentRefusal(refusal),
    retryHref: `${step.href}?account=${choosesAnother ? 'another' : 'same'}`,
    decline: step.form('decline'),
  };
  parts.pages.show(step.ctx, 'sign-in-refused', page, { status: 403 });
}

/** `prompt=login` asks for more than a choice does: it is not given up for one. */
function promptOf(step: Step): 'login' | 'select_account' | undefined {
  const prompts = textsOf(step).prompt?.split(' ') ?? [];
  if (prompts.includes('login')) return 'login';
  return step.ctx.query.account === 'another' || asksToChoose(step) ? 'select_account' : undefined;
}

/** The host of a document is proven by its being there; what else a client says of itself is a claim. */
function describeClient({ client, requester: { name, documentHost } }: Step) {
  const host = documentHost ?? URL.parse(client.clientUri ?? '')?.host;
  return { name, ...(host && { host }), verified: documentHost !== undefined || !describesItself(client.clientId) };
}

function textsOf({ interaction }: Step): Partial<Record<string, string>> {
  const present = Object.entries(interaction.params).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(present.map(([name, value]) => [name, String(value)]));
}
