import type { Membership } from '../directory/index.ts';
import type { AccountParts } from './parts.ts';
import type { Visit } from './visit.ts';

type Parts = Pick<AccountParts, 'policy'>;

export function hrefOfOrganization(slug: string): string {
  return `/account/organizations/${encodeURIComponent(slug)}`;
}

/** The organizations all of whose connections this account may see and end. */
export async function administeredOrganizations(visit: Visit, { policy }: Parts): Promise<Membership[]> {
  const memberships = await visit.memberships();
  return memberships.filter(({ role }) => policy.administrators.includes(role));
}

/** The one that the URL names. One that exists but is administered by others is not found, like one that does not. */
export async function loadAdministered(visit: Visit, parts: Parts): Promise<Membership> {
  const administered = await administeredOrganizations(visit, parts);
  const named = administered.find(({ organization }) => organization.slug === visit.ctx.params.slug);
  return named ?? visit.ctx.throw(404);
}
