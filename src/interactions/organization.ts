import type { Connection } from '../connections/index.ts';
import type { Account, Membership } from '../directory/index.ts';
import type { Words } from '../messages/index.ts';
import { showConsent } from './consent.ts';
import { installationOf } from './installation-mark.ts';
import type { NoOrganizationPage, OrganizationPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { presentAccount } from './present.ts';
import { choosesEverything, findBySlug, loadRequest, type Request, type RequestWithConnection } from './request.ts';
import { lacksFactor, showRequiredFactor } from './required-factor.ts';
import { missingPlaces, showRequiredPlace } from './required-place.ts';
import type { Step } from './step.ts';

/** Which organization is this about? One: that one. Several: the one in the URL, or in the request, or a page to choose. */
export async function showApproval(step: Step, parts: FlowParts): Promise<void> {
  // Who wants to choose may have got an organization a moment ago: what was answered before that is not the list.
  if (step.ctx.query.organization === '') parts.forgetAnswers(step.interaction.session?.accountId ?? '');
  // Whoever is here has signed in, in this flow or before; the tool keeps its registration while they think (R103).
  const kept = parts.registrations.signIn(step.client.clientId);
  const [request] = await Promise.all([loadRequest(step, parts), kept]);
  if (request.memberships.length === 0) return showNoOrganization(step, parts, request.account);

  const named = [step.ctx.query.organization ?? step.interaction.params.organization].flat()[0];
  const chosen = chosenBy(named, request);
  tellChoice(step, parts, request, chosen);
  const asked = chosen ? [chosen] : request.memberships;
  const has = await parts.connections.findInstalled(
    installationOf(step, parts, request),
    asked.map(({ organization }) => organization.id),
  );
  const meant = chosen ?? (named === undefined ? suggestedBy(step, request, has) : undefined);
  if (meant) {
    const connection = has.find(({ organizationId }) => organizationId === meant.organization.id);
    return showMeant(step, parts, { ...request, connection }, meant);
  }

  const error = named ? parts.pages.words(step.ctx).say('organization.not-yours') : undefined;
  await showOrganizations(step, parts, request, error);
}

/** What the organization wants of its people comes before the consent. */
function showMeant(step: Step, parts: FlowParts, request: RequestWithConnection, meant: Membership): void {
  const hasOthers = request.memberships.length > 1;
  if (missingPlaces(step, parts, meant).length > 0) showRequiredPlace(step, parts, meant, hasOthers);
  else if (lacksFactor(step, parts, meant)) showRequiredFactor(step, parts, meant, hasOthers);
  else showConsent(step, parts, request, meant);
}

/** By its link on the page, and not by the request. */
function tellChoice({ client, ctx }: Step, { events }: FlowParts, { account }: Request, chosen?: Membership): void {
  if (!chosen || !ctx.query.organization) return;
  const who = { account: account.id, client: client.clientId };
  events.emit({ event: 'organization.chosen', ...who, organization: chosen.organization.id });
}

/** The one in the URL, or in the request; and whoever has one only has no choice. */
function chosenBy(named: unknown, { memberships }: Request): Membership | undefined {
  if (typeof named === 'string' && named !== '') return findBySlug(memberships, named);
  return memberships.length === 1 ? memberships[0] : undefined;
}

/**
 * The one for which this installation is connected: what it asks for then belongs there. Of two, nobody but the person
 * knows which is meant. Otherwise the one in which the person works at the console.
 */
function suggestedBy(step: Step, { memberships }: Request, [connection, ...others]: Connection[]) {
  const { login } = step.interaction.lastSubmission ?? {};
  const keeps = connection !== undefined && others.length === 0 && !choosesEverything(step);
  const kept = keeps ? connection.organizationId : login?.organizationId;
  return memberships.find(({ organization }) => organization.id === kept);
}

async function showOrganizations(
  step: Step,
  parts: FlowParts,
  { account, memberships }: Request,
  error: string | undefined,
) {
  const [lastUsed, first] = await Promise.all([
    parts.connections.findLastOrganization(account.id),
    parts.connections.findFirstOrganization(account.id),
  ]);
  const words = parts.pages.words(step.ctx);
  const page: OrganizationPage = {
    ...parts.pages.frame(step.ctx, 'organization.title'),
    decline: step.form('decline'),
    requester: step.requester,
    account: presentAccount(step, account),
    ...presentSearch(step, memberships),
    createHref: createHref(step, parts),
    organizations: inOrder(findByName(memberships, searchOf(step)), first, words).map(({ organization, role }) => ({
      name: organization.name,
      role,
      href: `${step.href}?organization=${encodeURIComponent(organization.slug)}`,
      lastUsed: organization.id === lastUsed,
    })),
    ...(error && { error }),
  };
  parts.pages.show(step.ctx, 'organization', page, { status: error ? 422 : 200 });
}

function showNoOrganization(step: Step, parts: FlowParts, account: Account) {
  const page: NoOrganizationPage = {
    ...parts.pages.frame(step.ctx, 'no-organization.title'),
    decline: step.form('decline'),
    requester: step.requester,
    account: presentAccount(step, account),
    createHref: createHref(step, parts),
    retryHref: chooseHref(step),
  };
  parts.pages.show(step.ctx, 'no-organization', page);
}

const chooseHref = ({ href }: Step) => `${href}?organization=`;

/**
 * Where one gets an organization. A console that has the accounts is told the way back to this flow, which opens with the cookie
 * of this browser only; elsewhere nobody is asked to know of it.
 */
function createHref(step: Step, { policy, issuer }: FlowParts): string {
  if (policy.directory.kind === 'local') return policy.organizationsUrl;
  const url = new URL(policy.organizationsUrl);
  url.searchParams.set('return_to', new URL(chooseHref(step), issuer).href);
  return url.href;
}

/** From so many on there is a field to search for one. */
const manyOrganizations = 9;

function searchOf({ ctx }: Step): string {
  return String([ctx.query.search ?? ''].flat()[0])
    .trim()
    .slice(0, 100);
}

function presentSearch(step: Step, memberships: readonly Membership[]): Pick<OrganizationPage, 'search'> {
  if (memberships.length < manyOrganizations) return {};
  const text = searchOf(step);
  return { search: { action: step.href, text, ...(text && { allHref: chooseHref(step) }) } };
}

/** As people search: in letters of either case, with or without accents. */
const sameLetters = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

function findByName(memberships: readonly Membership[], text: string) {
  const wanted = sameLetters(text);
  return memberships.filter(({ organization }) => sameLetters(organization.name).includes(wanted));
}

function inOrder(memberships: readonly Membership[], first: string | undefined, { compare }: Words) {
  const isFirst = ({ organization }: Membership) => Number(organization.id === first);
  return memberships.toSorted((a, b) => isFirst(b) - isFirst(a) || compare(a.organization.name, b.organization.name));
}
