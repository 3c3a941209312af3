import type { Connection } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import { seeOther } from '../http/index.ts';
import { presentLearned, presentPermissions } from '../resources/index.ts';
import { approve } from './approve.ts';
import { describeDuration } from './duration.ts';
import { presentError } from './error-words.ts';
import { installationOf } from './installation-mark.ts';
import type { ConsentPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { presentAccount } from './present.ts';
import { findBySlug, loadRequest, type Request, type RequestWithConnection, withAllowed } from './request.ts';
import { lacksFactor } from './required-factor.ts';
import { missingPlaces } from './required-place.ts';
import { finish, readStepForm, type Step } from './step.ts';

export function showConsent(
  step: Step,
  parts: FlowParts,
  asked: RequestWithConnection,
  membership: Membership,
  { error, status = 422, ticked = () => true }: { error?: string; status?: number; ticked?: Ticked } = {},
): void {
  const { organization, role } = membership;
  if (!parts.knowsRole(role)) {
    showUnknownRole(step, parts, membership);
    return;
  }
  const request = withAllowed(asked);
  const { account, memberships, resource, scopes, connection } = request;
  const grantable = parts.narrowToRole(role, scopes);
  const words = parts.pages.words(step.ctx);
  const page: ConsentPage = {
    ...parts.pages.frame(step.ctx, 'consent.title', { tool: step.requester.name }),
    form: step.form('consent'),
    decline: step.form('decline'),
    requester: step.requester,
    account: presentAccount(step, account),
    organization: {
      slug: organization.slug,
      name: organization.name,
      role,
      // An empty choice: the page to choose, also when the request named one.
      ...(memberships.length > 1 && { changeHref: `${step.href}?organization=` }),
    },
    resource: { name: resource.name, uri: resource.uri },
    ...presentPermissions(resource, words, { grantable, requested: scopes, ticked, allowed: connection?.scopes }),
    ...(connection && { again: presentAgain(connection, grantable) }),
    learns: presentLearned(request.identityScopes, words),
    duration: describeDuration(parts.policy.lifetimes, words),
    accountHref: parts.paths.account,
    ...(error && { error }),
  };
  if (connection)
    parts.readNext(step.ctx, parts.connections.recordsOfInstalled(...placeOf(step, parts, asked, membership)));
  parts.pages.show(step.ctx, 'consent', page, { status: error ? status : 200 });
}

type Ticked = (scope: string) => boolean;

/** What the form says was on the page, because that may be another thing when it comes back. */
function presentAgain(
  { id, label, scopes }: Connection,
  grantable: readonly string[],
): NonNullable<ConsentPage['again']> {
  return {
    connection: id,
    label,
    shown: scopes.filter((scope) => grantable.includes(scope)).join(' '),
    asksForMore: grantable.some((scope) => !scopes.includes(scope)),
  };
}

export async function submitConsent(step: Step, parts: FlowParts): Promise<void> {
  const form = await readStepForm(step, parts);
  const request = await loadRequest(step, parts);
  // The page says which organization it was shown for; whether the person (still) is a member is asked again.
  const membership = findBySlug(request.memberships, form.get('organization'));
  if (!membership) return seeOther(step.ctx, `${step.href}?organization=`);
  const { slug } = membership.organization;
  if (missingPlaces(step, parts, membership).length > 0 || lacksFactor(step, parts, membership))
    return seeOther(step.ctx, `${step.href}?organization=${slug}`);
  if (!parts.knowsRole(membership.role)) return showUnknownRole(step, parts, membership);
  const asked = { ...request, connection: await findShown(step, parts, request, membership, form.get('connection')) };
  const { scopes: offered, identityScopes } = withAllowed(asked);
  const sent = new Set(form.getAll('scope'));
  const ticked: Ticked = (scope) => sent.has(scope);
  const scopes = parts.narrowToRole(membership.role, offered).filter(ticked);
  if (scopes.length === 0) {
    const error = parts.pages.words(step.ctx).say('consent.none-ticked');
    return showConsent(step, parts, asked, membership, { error, ticked });
  }
  // Seen and not ticked. What came to the connection since is neither.
  const shown = [...parts.narrowToRole(membership.role, request.scopes), ...(form.get('shown') ?? '').split(' ')];
  const unticked = shown.filter((scope) => !ticked(scope));
  const result = await approve(step, parts, {
    ...asked,
    identityScopes,
    membership,
    scopes,
    unticked,
    requested: request,
  });
  if (!('retryAfterSeconds' in result)) return finish(step, result);
  step.ctx.set('Retry-After', String(result.retryAfterSeconds));
  const error = parts.pages.words(step.ctx).say('consent.changed-often');
  showConsent(step, parts, asked, membership, { error, status: 429, ticked });
}

/** The connection that the page showed, if it still is this installation's; where it showed none, none is looked for. */
async function findShown(step: Step, parts: FlowParts, request: Request, membership: Membership, id: string | null) {
  if (!id) return undefined;
  const has = await parts.connections.findInstalled(...placeOf(step, parts, request, membership));
  return has.find((connection) => connection.id === id);
}

function placeOf(step: Step, parts: FlowParts, request: Request, { organization }: Membership) {
  return [installationOf(step, parts, request), [organization.id]] as const;
}

/** Instead of a page with nothing to tick, which would look like the person's own lack of rights. */
function showUnknownRole(step: Step, parts: FlowParts, { role, organization }: Membership): void {
  parts.onUnknownRole(role, organization.id, step.client.clientId);
  const facts = { status: 503, error: 'unknown_role' };
  const page = presentError(facts, step.ctx.state.request?.reference, {
    frame: parts.pages.frame(step.ctx, 'error.role.title'),
    words: parts.pages.words(step.ctx),
  });
  parts.pages.show(step.ctx, 'error', page, { status: facts.status });
}
