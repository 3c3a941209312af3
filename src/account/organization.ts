import type { Connection } from '../connections/index.ts';
import type { Account, Membership } from '../directory/index.ts';
import { seeOther } from '../http/index.ts';
import type { Words } from '../messages/index.ts';
import { type ConnectionWithMembership, loadAdministered } from './access.ts';
import { type AccountRequest, setFlash, signedInFrame } from './account-request.ts';
import type { ConfirmPage, OrganizationConnectionsPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { hrefOfPage, pageNumber, pageSize, presentPaging } from './present.ts';
import { identify, presentConnection, presentGroups } from './present-connections.ts';

/** A connection and whose it is. */
type ConnectionWithAccount = ConnectionWithMembership & { readonly account: Account | undefined };

export async function showOrganization(request: AccountRequest, parts: AccountParts): Promise<void> {
  const { organization } = loadAdministered(request, parts);
  const href = parts.links.organization(organization.slug);
  const asked = { number: pageOfRequest(request), size: pageSize };
  const found = await parts.connections.findPage({ organizationId: organization.id }, asked);
  const words = parts.pages.words(request.ctx);
  const paging = presentPaging(found, href, words);
  const rows = await Promise.all(found.connections.map(createFindWithAccount(parts)));
  const page: OrganizationConnectionsPage = {
    ...signedInFrame(request, parts, 'organization-connections.title', { organization: organization.name }),
    organization: { name: organization.name },
    groups: presentGroups(rows, { ...parts, words }, (each) => ({
      ...presentConnection(each, parts, words, {
        href: hrefOfPage(parts.links.disconnectMember(organization.slug, each.connection.id), pageOfRequest(request)),
        act: 'disconnect-one',
        person: nameOf(each, words),
      }),
      organization: organization.name,
    })),
    ...(paging && { paging }),
    overviewHref: parts.links.overview,
  };
  parts.pages.show(request.ctx, 'account-organization', page);
}

export async function showEndMembersConnection(request: AccountRequest, parts: AccountParts): Promise<void> {
  const { organization, found } = await loadMembersConnection(request, parts);
  const words = parts.pages.words(request.ctx);
  const page: ConfirmPage = {
    ...signedInFrame(request, parts, 'disconnect.title'),
    form: request.form(hrefOfPage(request.ctx.path, pageOfRequest(request))),
    heading: words.say('disconnect.heading', { label: found.connection.label }),
    explanation: words.say('disconnect.member.explanation', { organization: organization.name }),
    subjects: [
      { name: found.connection.label, note: words.say('account.by-person', { person: nameOf(found, words) }) },
    ],
    client: identify(found.connection, parts),
    button: words.say('disconnect.button'),
    destructive: true,
    cancelHref: hrefOfPage(parts.links.organization(organization.slug), pageOfRequest(request)),
  };
  parts.pages.show(request.ctx, 'account-confirm', page);
}

export async function submitEndMembersConnection(request: AccountRequest, parts: AccountParts): Promise<void> {
  await request.readForm();
  const { organization, found } = await loadMembersConnection(request, parts);
  await parts.connections.end(found.connection.id, 'revoked by an administrator');
  const { id, accountId: account, clientId: client, organizationId } = found.connection;
  const whose = { account, client, connection: id, organization: organizationId };
  parts.events.emit({ event: 'administrator.revoked', ...whose, by: request.account.id });
  setFlash(request.ctx, parts, 'disconnected');
  seeOther(request.ctx, hrefOfPage(parts.links.organization(organization.slug), pageOfRequest(request)));
}

/** A connection for this organization; any other, also one of the administrator's own elsewhere, is not found here. */
async function loadMembersConnection(request: AccountRequest, parts: AccountParts) {
  const { organization } = loadAdministered(request, parts);
  const connection = await parts.connections.find(request.ctx.params.id);
  if (connection?.organizationId !== organization.id || connection.pending) return request.ctx.throw(404);
  return { organization, found: await createFindWithAccount(parts)(connection) };
}

/** Asked once for each person, however many connections of theirs are shown. */
function createFindWithAccount({
  directory,
}: AccountParts): (connection: Connection) => Promise<ConnectionWithAccount> {
  const asked = new Map<string, Promise<[Account | undefined, Membership | undefined]>>();
  const ask = ({ accountId, organizationId }: Connection) =>
    Promise.all([directory.findAccount(accountId), directory.findMembership(accountId, organizationId)]);

  return async function findWithAccount(connection) {
    const key = `${connection.accountId}\n${connection.organizationId}`;
    const answer = asked.get(key) ?? ask(connection);
    asked.set(key, answer);
    const [account, membership] = await answer;
    return { connection, account, membership };
  };
}

/** Where the administrator was in the list, and is again afterwards. */
function pageOfRequest({ ctx }: AccountRequest): number {
  return pageNumber(ctx.query.page);
}

function nameOf({ account }: ConnectionWithAccount, { say }: Words): string {
  return account ? say('account.person', { name: account.name, email: account.email }) : say('account.former-person');
}
