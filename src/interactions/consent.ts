import type { Membership } from '../directory/index.ts';
import { seeOther } from '../http/index.ts';
import { presentPermissions } from '../resources/index.ts';
import { approve } from './approve.ts';
import { describeDuration } from './duration.ts';
import { presentError } from './error-words.ts';
import type { ConsentPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { presentAccount } from './present.ts';
import { findBySlug, loadRequest, type Request } from './request.ts';
import { missingPlaces } from './required-place.ts';
import { finish, readStepForm, type Step } from './step.ts';

export function showConsent(
  step: Step,
  parts: FlowParts,
  request: Request,
  membership: Membership,
  { error, ticked = () => true }: { error?: string; ticked?: (scope: string) => boolean } = {},
): void {
  const { organization, role } = membership;
  if (!parts.knowsRole(role)) {
    showUnknownRole(step, parts, membership);
    return;
  }
  const { account, memberships, resource, scopes } = request;
  const grantable = parts.narrowToRole(role, scopes);
  const page: ConsentPage = {
    ...parts.pages.frame(`Connect ${step.requester.name}`),
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
    ...presentPermissions(resource, { grantable, requested: scopes, ticked }),
    learns: request.identityScopes.flatMap((scope) => learned[scope] ?? []),
    duration: describeDuration(parts.policy.lifetimes),
    accountHref: parts.paths.account,
    ...(error && { error }),
  };
  parts.pages.show(step.ctx, 'consent', page, { status: error ? 422 : 200 });
}

/** What `openid` and its scopes give away (OpenID Connect Core §5.4); what else one asks for is said as the duration. */
const learned: Readonly<Record<string, string>> = {
  openid: 'Which account this is, by an identifier that stays the same.',
  profile: 'Your name.',
  email: 'Your email address.',
};

export async function submitConsent(step: Step, parts: FlowParts): Promise<void> {
  const form = await readStepForm(step, parts);
  const request = await loadRequest(step, parts);
  // The page says which organization it was shown for; whether the person (still) is a member is asked again.
  const membership = findBySlug(request.memberships, form.get('organization'));
  if (!membership) return seeOther(step.ctx, `${step.href}?organization=`);
  const { slug } = membership.organization;
  if (missingPlaces(step, parts, membership).length > 0) return seeOther(step.ctx, `${step.href}?organization=${slug}`);
  if (!parts.knowsRole(membership.role)) return showUnknownRole(step, parts, membership);
  const ticked = new Set(form.getAll('scope'));
  const scopes = parts.narrowToRole(membership.role, request.scopes).filter((scope) => ticked.has(scope));
  if (scopes.length === 0) {
    const error = 'Leave at least one permission ticked, or decline.';
    return showConsent(step, parts, request, membership, { error, ticked: (scope) => ticked.has(scope) });
  }
  await finish(step, await approve(step, parts, { ...request, membership, scopes }));
}

/** Instead of a page with nothing to tick, which would look like the person's own lack of rights. */
function showUnknownRole(step: Step, parts: FlowParts, { role, organization }: Membership): void {
  parts.onUnknownRole(role, organization.id, step.client.clientId);
  const facts = { status: 503, error: 'unknown_role' };
  const page = presentError(facts, step.ctx.state.reference, parts.pages.frame('Your role is not set up here'));
  parts.pages.show(step.ctx, 'error', page, { status: facts.status });
}
