import { administeredOrganizations, sortByName, withMembership } from './access.ts';
import { type AccountRequest, signedInFrame } from './account-request.ts';
import type { OverviewPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { hasPassword } from './password.ts';
import { pageNumber, pageSize, presentPaging } from './present.ts';
import { presentConnection, presentGroups } from './present-connections.ts';
import { hasFactors } from './security.ts';

export async function showOverview(request: AccountRequest, parts: AccountParts): Promise<void> {
  const { links } = parts;
  const asked = { number: pageNumber(request.ctx.query.page), size: pageSize };
  const own = await parts.connections.findPage({ accountId: request.account.id }, asked);
  const words = parts.pages.words(request.ctx);
  const paging = presentPaging(own, links.overview, words);
  const page: OverviewPage = {
    ...signedInFrame(request, parts, 'account.title'),
    groups: presentGroups(
      own.connections.map((connection) => withMembership(request, connection)),
      { ...parts, words },
      (each) => presentConnection(each, parts, words, { href: links.connection(each.connection.id), act: 'manage' }),
      { isPart: paging !== undefined, hrefOf: links.disconnectClient },
    ),
    ...(paging && { paging }),
    ...(hasPassword(request, parts) && { passwordHref: links.password }),
    ...(hasFactors(request, parts) && { securityHref: links.security }),
    organizations: sortByName(administeredOrganizations(request, parts), words).map(({ organization, role }) => ({
      name: organization.name,
      role,
      href: links.organization(organization.slug),
    })),
  };
  parts.pages.show(request.ctx, 'account', page);
}
