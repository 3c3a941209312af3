import { administeredOrganizations, hrefOfOrganization } from './administration.ts';
import { hrefOfDisconnectClient } from './clients.ts';
import { findOwnConnections } from './own-connections.ts';
import type { OverviewPage } from './pages.ts';
import { pageOf } from './paging.ts';
import type { AccountParts } from './parts.ts';
import { presentConnection } from './present-connection.ts';
import { presentGroups } from './present-groups.ts';
import { showPage, signedInFrame, type Visit } from './visit.ts';

export const overviewHref = '/account';

export function hrefOfConnection(id: string): string {
  return `/account/connections/${encodeURIComponent(id)}`;
}

export async function showOverview(visit: Visit, parts: AccountParts): Promise<void> {
  const [own, administered] = await Promise.all([
    findOwnConnections(visit, parts),
    administeredOrganizations(visit, parts),
  ]);
  const { items, paging } = pageOf(own, visit.ctx.query.page, overviewHref);
  const page: OverviewPage = {
    ...signedInFrame(visit, parts, 'Your connections'),
    groups: presentGroups(
      items,
      (each) => presentConnection(each, parts, { href: hrefOfConnection(each.connection.id), act: 'Manage' }),
      { of: own, hrefOf: hrefOfDisconnectClient },
    ),
    ...(paging && { paging }),
    organizations: administered.map(({ organization, role }) => ({
      name: organization.name,
      role,
      href: hrefOfOrganization(organization.slug),
    })),
  };
  showPage(visit.ctx, parts, 'account', page);
}
