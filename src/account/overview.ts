import { administeredOrganizations, findOwnConnections } from './access.ts';
import { type AccountRequest, signedInFrame } from './account-request.ts';
import type { OverviewPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { pageOf } from './present.ts';
import { presentConnection, presentGroups } from './present-connections.ts';

export async function showOverview(request: AccountRequest, parts: AccountParts): Promise<void> {
  const { links } = parts;
  const own = await findOwnConnections(request, parts);
  const { items, paging } = pageOf(own, request.ctx.query.page, links.overview);
  const page: OverviewPage = {
    ...signedInFrame(request, parts, 'Your connections'),
    groups: presentGroups(
      items,
      (each) => presentConnection(each, parts, { href: links.connection(each.connection.id), act: 'Manage' }),
      { of: own, hrefOf: links.disconnectClient },
    ),
    ...(paging && { paging }),
    organizations: administeredOrganizations(request, parts).map(({ organization, role }) => ({
      name: organization.name,
      role,
      href: links.organization(organization.slug),
    })),
  };
  parts.pages.show(request.ctx, 'account', page);
}
