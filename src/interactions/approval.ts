import { showConsent } from './consent.ts';
import { showNoOrganization, showOrganizations } from './organization.ts';
import type { FlowParts } from './parts.ts';
import { findBySlug, loadRequest } from './request.ts';
import type { Step } from './step.ts';

/** Which organization is this about? One: that one. Several: the one in the URL, or in the request, or a page to choose. */
export async function showApproval(step: Step, parts: FlowParts): Promise<void> {
  const request = await loadRequest(step, parts);
  const { account, memberships } = request;
  const [first, ...others] = memberships;
  if (!first) return showNoOrganization(step, parts, account);

  const named = [step.ctx.query.organization ?? step.interaction.params.organization].flat()[0];
  const chosen =
    typeof named === 'string' && named !== '' ? findBySlug(memberships, named) : others.length ? undefined : first;
  if (chosen) return showConsent(step, parts, request, chosen);

  const lastUsed = await parts.connections.findLastOrganization(account.id);
  const error = named ? 'You do not belong to the organization that was asked for. Choose one of yours.' : undefined;
  showOrganizations(step, parts, { account, memberships, lastUsed, ...(error && { error }) });
}
