import { type Connection, presentBrowser } from '../connections/index.ts';
import type { Words } from '../messages/index.ts';
import { presentPermissions } from '../resources/index.ts';
import type { ConnectionWithMembership } from './access.ts';
import type { ConnectionGroup, ConnectionRow } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { dayOf, relativeTime } from './present.ts';

type Parts = Pick<AccountParts, 'catalogue' | 'narrowToRole' | 'clock' | 'policy'>;
type IdentityParts = Pick<AccountParts, 'identifyClient'>;

/** Who it is by what is known now: what was configured, or trusted, when it was approved, may be so no more. */
export function identify({ clientId, clientName, redirectHost }: Connection, { identifyClient }: IdentityParts) {
  return identifyClient({ clientId, clientName, place: redirectHost });
}

/** What the link of a row leads to, and who made the connection where that may be somebody else. */
type RowLink = Pick<ConnectionRow, 'href' | 'act' | 'person'>;

export function presentConnection(
  held: ConnectionWithMembership,
  parts: Parts,
  words: Words,
  link: RowLink,
): ConnectionRow {
  const { connection, membership } = held;
  const permissions = permissionsOf(held, parts, words);
  const count = permissions.reduce((sum, group) => sum + group.permissions.length, 0);
  const now = parts.clock.seconds();
  return {
    ...link,
    label: connection.label,
    organization: membership?.organization.name ?? words.say('account.former-organization'),
    renewed: relativeTime(connection.lastUsedAt, now, words),
    approved: relativeTime(connection.approvedAt ?? connection.createdAt, now, words),
    until: dayOf(endOf(connection, parts.policy.lifetimes), words),
    approvedFrom: presentBrowser(connection, words.say),
    permissions,
    permissionCount: words.say('account.permissions', { count }),
    destructive: permissions.some(({ destructive }) => destructive),
    ending: membership === undefined,
  };
}

/** As much of what was approved as the role allows today: what its next token will carry. */
function permissionsOf(
  { connection, membership }: ConnectionWithMembership,
  { catalogue, narrowToRole }: Parts,
  words: Words,
) {
  const resource = catalogue.find(connection.resource);
  if (!resource || !membership) return [];
  const grantable = narrowToRole(membership.role, connection.scopes);
  return presentPermissions(resource, words, { grantable, requested: connection.scopes }).groups;
}

/** Ending all that a client has, where it has several. */
interface DisconnectAll {
  /** There are other pages, on which it may have more. */
  readonly isPart: boolean;
  readonly hrefOf: (clientKey: string) => string;
}

/** When it ends if it is not used again: each renewal moves that on, up to a cap that is counted from the approval. */
function endOf(
  { lastUsedAt, approvedAt, createdAt }: Connection,
  { refreshToken, connection }: AccountParts['policy']['lifetimes'],
): number {
  const unused = lastUsedAt + refreshToken;
  return connection === undefined ? unused : Math.min(unused, (approvedAt ?? createdAt) + connection);
}

function placesOf(rows: readonly ConnectionRow[], { compare }: Words): ConnectionGroup['places'] {
  const places = Map.groupBy(rows, ({ organization }) => organization);
  const listed = [...places].map(([organization, connections]) => ({ organization, connections }));
  return listed.toSorted((a, b) => compare(a.organization, b.organization));
}

/** Connections under the names of their clients. */
export function presentGroups<T extends ConnectionWithMembership>(
  listed: readonly T[],
  { words, ...parts }: IdentityParts & { readonly words: Words },
  presentRow: (each: T) => ConnectionRow,
  disconnectAll?: DisconnectAll,
): ConnectionGroup[] {
  return groupByClient(listed, parts).map(([key, members]) => {
    const [{ connection }] = members as [T, ...T[]];
    const isSeveral = members.length > 1 || disconnectAll?.isPart;
    return {
      client: identify(connection, parts),
      places: placesOf(members.map(presentRow), words),
      ...(disconnectAll && isSeveral && { disconnectHref: disconnectAll.hrefOf(key) }),
    };
  });
}

/**
 * What people take for one client. A tool that registers itself does so at each installation, often at each connection:
 * those belong together by the name that it gives itself. One that is described at a URL, or by the operator, is the
 * same wherever it runs.
 */
export function clientKeyOf(connection: Connection, parts: IdentityParts): string {
  const { clientId, clientName, redirectHost } = connection;
  if (!clientId.startsWith('dyn-')) return `id:${clientId}`;
  // What borrows the name of a tool is no installation of it.
  const borrows = identify(connection, parts).pretences.some(({ kind }) => kind === 'tool');
  return borrows ? `name:${clientName} at:${redirectHost}` : `name:${clientName}`;
}

/** In the order in which the first of each comes. */
function groupByClient<T extends { readonly connection: Connection }>(
  listed: readonly T[],
  parts: IdentityParts,
): [string, T[]][] {
  return [...Map.groupBy(listed, ({ connection }) => clientKeyOf(connection, parts))];
}
