import type { Account, Membership } from '../directory/index.ts';
import { showConsent } from './consent.ts';
import type { NoOrganizationPage, OrganizationPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { presentAccount } from './present.ts';
import { findBySlug, loadRequest, type Request } from './request.ts';
import { type Step, showPage } from './step.ts';

/** Which organization is this about? One: that one. Several: the one in the URL, or in the request, or a page to choose. */
export async function showApproval(step: Step, parts: FlowParts): Promise<void> {
  const request = await loadRequest(step, parts);
  // Whoever is here has signed in, in this flow or before; the tool keeps its registration while they think (R103).
  await parts.registrations.signIn(step.client.clientId);
  const [first, ...others] = request.memberships;
  if (!first) return showNoOrganization(step, parts, request.account);

  const named = [step.ctx.query.organization ?? step.interaction.params.organization].flat()[0];
  const chosen =
    typeof named === 'string' && named !== ''
      ? findBySlug(request.memberships, named)
      : others.length > 0
        ? undefined
        : first;
  if (chosen) return showConsent(step, parts, request, chosen);

  const error = named ? 'You do not belong to the organization that was asked for. Choose one of yours.' : undefined;
  await showOrganizations(step, parts, request, error);
}

async function showOrganizations(
  step: Step,
  parts: FlowParts,
  { account, memberships }: Request,
  error: string | undefined,
) {
  const lastUsed = await parts.connections.findLastOrganization(account.id);
  const page: OrganizationPage = {
    ...parts.pages.frame('Choose an organization'),
    decline: step.form('decline'),
    requester: step.requester,
    account: presentAccount(step, account),
    organizations: lastUsedFirst(memberships, lastUsed).map(({ organization, role }) => ({
      name: organization.name,
      role,
      href: `${step.href}?organization=${encodeURIComponent(organization.slug)}`,
      lastUsed: organization.id === lastUsed,
    })),
    ...(error && { error }),
  };
  showPage(step, parts, 'organization', page, error ? 422 : 200);
}

function showNoOrganization(step: Step, parts: FlowParts, account: Account) {
  const page: NoOrganizationPage = {
    ...parts.pages.frame('You need an organization'),
    decline: step.form('decline'),
    requester: step.requester,
    account: presentAccount(step, account),
    organizationsUrl: parts.policy.organizationsUrl,
    retryHref: step.href,
  };
  showPage(step, parts, 'no-organization', page);
}

function lastUsedFirst(memberships: readonly Membership[], lastUsed: string | undefined) {
  const isLast = ({ organization }: Membership) => Number(organization.id === lastUsed);
  return memberships.toSorted((a, b) => isLast(b) - isLast(a));
}
