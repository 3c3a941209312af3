import { hrefOfConnection, overviewHref } from './overview.ts';
import { loadOwnConnection } from './own-connections.ts';
import type { ConnectionPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { presentConnection } from './present-connection.ts';
import { showPage, signedInFrame, type Visit } from './visit.ts';

export async function showConnection(visit: Visit, parts: AccountParts): Promise<void> {
  const { connection, membership, memberships } = await loadOwnConnection(visit, parts);
  const href = hrefOfConnection(connection.id);
  const page: ConnectionPage = {
    ...signedInFrame(visit, parts, connection.label),
    connection: presentConnection({ connection, membership }, parts, { href, act: 'Manage' }),
    client: {
      name: connection.clientName,
      redirectHost: connection.redirectHost,
      ...(connection.documentHost && { documentHost: connection.documentHost }),
    },
    role: membership?.role ?? 'none',
    resource: { name: parts.catalogue.find(connection.resource)?.name ?? 'Unknown', uri: connection.resource },
    renameHref: `${href}/rename`,
    ...(memberships.length > 0 && { changeHref: `${href}/change` }),
    disconnectHref: `${href}/disconnect`,
    overviewHref,
  };
  showPage(visit.ctx, parts, 'account-connection', page);
}
