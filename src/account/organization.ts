import type { Connection } from '../connections/index.ts';
import type { Account, Membership } from '../directory/index.ts';
import { hrefOfOrganization, loadAdministered } from './administration.ts';
import { leaveNotice } from './notice.ts';
import { overviewHref } from './overview.ts';
import type { ConfirmPage, OrganizationConnectionsPage } from './pages.ts';
import { hrefOfPage, newestFirst, pageNumber, pageOf } from './paging.ts';
import type { AccountParts } from './parts.ts';
import { type Held, presentConnection } from './present-connection.ts';
import { presentGroups } from './present-groups.ts';
import { goTo, showPage, signedInFrame, type Visit } from './visit.ts';

/** A connection and who made it. */
type Made = Held & { readonly account: Account | undefined };

export async function showOrganization(visit: Visit, parts: AccountParts): Promise<void> {
  const { organization } = await loadAdministered(visit, parts);
  const href = hrefOfOrganization(organization.slug);
  const found = (await parts.connections.findByOrganization(organization.id)).map((connection) => ({ connection }));
  const { items, paging } = pageOf(newestFirst(found), visit.ctx.query.page, href);
  const findMaker = createFindMaker(parts);
  const made = await Promise.all(items.map(({ connection }) => findMaker(connection)));
  const page: OrganizationConnectionsPage = {
    ...signedInFrame(visit, parts, `Connections of ${organization.name}`),
    organization: { name: organization.name },
    groups: presentGroups(made, (each) => ({
      ...presentConnection(each, parts, {
        href: hrefOfPage(
          `${href}/connections/${encodeURIComponent(each.connection.id)}/disconnect`,
          pageOfVisit(visit),
        ),
        act: 'Disconnect',
        person: nameOf(each),
      }),
      organization: organization.name,
    })),
    ...(paging && { paging }),
    overviewHref,
  };
  showPage(visit.ctx, parts, 'account-organization', page);
}

export async function showEndMembersConnection(visit: Visit, parts: AccountParts): Promise<void> {
  const { organization, made } = await loadMade(visit, parts);
  const page: ConfirmPage = {
    ...signedInFrame(visit, parts, 'Disconnect'),
    form: visit.form(hrefOfPage(visit.ctx.path, pageOfVisit(visit))),
    heading: `Disconnect ${made.connection.label}?`,
    explanation: `It can do nothing more in ${organization.name} from now on. As long as they are a member, its person can connect it again.`,
    subjects: [{ name: made.connection.label, note: `Connected by ${nameOf(made)}` }],
    button: 'Disconnect',
    destructive: true,
    cancelHref: hrefOfPage(hrefOfOrganization(organization.slug), pageOfVisit(visit)),
  };
  showPage(visit.ctx, parts, 'account-confirm', page);
}

export async function submitEndMembersConnection(visit: Visit, parts: AccountParts): Promise<void> {
  await visit.readForm();
  const { organization, made } = await loadMade(visit, parts);
  await parts.connections.end(made.connection.id, 'revoked by an administrator');
  parts.log.info(
    { event: 'administrator.revoked', connection: made.connection.id, by: visit.account.id },
    'connection revoked by an administrator',
  );
  leaveNotice(visit.ctx, parts, 'disconnected');
  goTo(visit.ctx, hrefOfPage(hrefOfOrganization(organization.slug), pageOfVisit(visit)));
}

/** A connection for this organization; any other, also one of the administrator's own elsewhere, is not found here. */
async function loadMade(visit: Visit, parts: AccountParts) {
  const { organization } = await loadAdministered(visit, parts);
  const connection = await parts.connections.find(visit.ctx.params.id);
  if (connection?.organizationId !== organization.id) return visit.ctx.throw(404);
  return { organization, made: await createFindMaker(parts)(connection) };
}

/** Asked once for each person, however many connections of theirs are shown. */
function createFindMaker({ directory }: AccountParts): (connection: Connection) => Promise<Made> {
  const asked = new Map<string, Promise<[Account | undefined, Membership | undefined]>>();
  const ask = ({ accountId, organizationId }: Connection) =>
    Promise.all([directory.findAccount(accountId), directory.findMembership(accountId, organizationId)]);

  return async function findMaker(connection) {
    const key = `${connection.accountId}\n${connection.organizationId}`;
    const answer = asked.get(key) ?? ask(connection);
    asked.set(key, answer);
    const [account, membership] = await answer;
    return { connection, account, membership };
  };
}

/** Where the administrator was in the list, and is again afterwards. */
function pageOfVisit({ ctx }: Visit): number {
  return pageNumber(ctx.query.page);
}

function nameOf({ account }: Made): string {
  return account ? `${account.name}, ${account.email}` : 'Somebody whose account is gone';
}
