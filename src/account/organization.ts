import type { Account } from '../directory/index.ts';
import { hrefOfOrganization, loadAdministered } from './administration.ts';
import { leaveNotice } from './notice.ts';
import { overviewHref } from './overview.ts';
import type { ConfirmPage, OrganizationConnectionsPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { type Held, presentConnection } from './present-connection.ts';
import { presentGroups } from './present-groups.ts';
import { goTo, showPage, signedInFrame, type Visit } from './visit.ts';

/** A connection and who made it. */
type Made = Held & { readonly account: Account | undefined };

export async function showOrganization(visit: Visit, parts: AccountParts): Promise<void> {
  const { organization } = await loadAdministered(visit, parts);
  const found = await parts.connections.findByOrganization(organization.id);
  const made = await Promise.all(found.map((connection) => withMaker(connection, parts)));
  const href = hrefOfOrganization(organization.slug);
  const page: OrganizationConnectionsPage = {
    ...signedInFrame(visit, parts, `Connections of ${organization.name}`),
    organization: { name: organization.name },
    groups: presentGroups(made, (each) => ({
      ...presentConnection(each, parts, {
        href: `${href}/connections/${encodeURIComponent(each.connection.id)}/disconnect`,
        act: 'Disconnect',
        person: nameOf(each),
      }),
      organization: organization.name,
    })),
    overviewHref,
  };
  showPage(visit.ctx, parts, 'account-organization', page);
}

export async function showEndMembersConnection(visit: Visit, parts: AccountParts): Promise<void> {
  const { organization, made } = await loadMade(visit, parts);
  const page: ConfirmPage = {
    ...signedInFrame(visit, parts, 'Disconnect'),
    form: visit.form(visit.ctx.path),
    fields: {},
    heading: `Disconnect ${made.connection.label}?`,
    explanation: `It can do nothing more in ${organization.name} from now on. As long as they are a member, its person can connect it again.`,
    subjects: [{ name: made.connection.label, note: `Connected by ${nameOf(made)}` }],
    button: 'Disconnect',
    destructive: true,
    cancelHref: hrefOfOrganization(organization.slug),
  };
  showPage(visit.ctx, parts, 'account-confirm', page);
}

export async function submitEndMembersConnection(visit: Visit, parts: AccountParts): Promise<void> {
  await visit.readForm();
  const { organization, made } = await loadMade(visit, parts);
  await parts.connections.revoke(made.connection.id, 'revoked by an administrator');
  parts.log.info(
    { event: 'administrator.revoked', connection: made.connection.id, by: visit.account.id },
    'connection revoked by an administrator',
  );
  leaveNotice(visit.ctx, parts, 'disconnected');
  goTo(visit.ctx, hrefOfOrganization(organization.slug));
}

/** A connection for this organization; any other, also one of the administrator's own elsewhere, is not found here. */
async function loadMade(visit: Visit, parts: AccountParts) {
  const { organization } = await loadAdministered(visit, parts);
  const connection = await parts.connections.find(visit.ctx.params.id);
  if (connection?.organizationId !== organization.id) return visit.ctx.throw(404);
  return { organization, made: await withMaker(connection, parts) };
}

async function withMaker(connection: Held['connection'], { directory }: AccountParts): Promise<Made> {
  const [account, membership] = await Promise.all([
    directory.findAccount(connection.accountId),
    directory.findMembership(connection.accountId, connection.organizationId),
  ]);
  return { connection, account, membership };
}

function nameOf({ account }: Made): string {
  return account ? `${account.name}, ${account.email}` : 'Somebody whose account is gone';
}
