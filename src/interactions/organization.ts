import type { Account, Membership } from '../directory/index.ts';
import type { NoOrganizationPage, OrganizationPage, SignedInAccount } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { frame, type Step, showPage } from './step.ts';

export function showOrganizations(
  step: Step,
  parts: FlowParts,
  {
    account,
    memberships,
    lastUsed,
    error,
  }: { account: Account; memberships: Membership[]; lastUsed: string | undefined; error?: string },
): void {
  const page: OrganizationPage = {
    ...frame('Choose an organization', parts),
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

export function showNoOrganization(step: Step, parts: FlowParts, account: Account): void {
  const page: NoOrganizationPage = {
    ...frame('You need an organization', parts),
    decline: step.form('decline'),
    requester: step.requester,
    account: presentAccount(step, account),
    organizationsUrl: parts.policy.organizationsUrl,
    retryHref: step.href,
  };
  showPage(step, parts, 'no-organization', page);
}

export function presentAccount({ href }: Step, { name, email }: Account): SignedInAccount {
  return { name, email, changeHref: `${href}?account=another` };
}

function lastUsedFirst(memberships: Membership[], lastUsed: string | undefined) {
  const isLast = ({ organization }: Membership) => Number(organization.id === lastUsed);
  return memberships.toSorted((a, b) => isLast(b) - isLast(a));
}
