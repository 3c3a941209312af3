import { type Connection, describeBrowser } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import { presentPermissions } from '../resources/index.ts';
import { presentMoment } from './moment.ts';
import type { ConnectionRow } from './pages.ts';
import type { AccountParts } from './parts.ts';

/** A connection, and what its person is in its organization today; nothing when they left it. */
export interface Held {
  readonly connection: Connection;
  readonly membership: Membership | undefined;
}

interface Way {
  readonly href: string;
  readonly act: string;
  readonly person?: string;
}

export function presentConnection({ connection, membership }: Held, parts: AccountParts, way: Way): ConnectionRow {
  const permissions = permissionsOf({ connection, membership }, parts);
  const count = permissions.reduce((sum, group) => sum + group.permissions.length, 0);
  const browser = describeBrowser(connection.userAgent);
  return {
    ...way,
    label: connection.label,
    organization: membership?.organization.name ?? 'An organization that you are no longer a member of',
    renewed: presentMoment(connection.lastUsedAt),
    approved: presentMoment(connection.createdAt),
    approvedFrom: browser ? `${browser}, ${connection.address}` : connection.address,
    permissions,
    permissionCount: count === 1 ? '1 permission' : `${count} permissions`,
    destructive: permissions.some(({ destructive }) => destructive),
    ending: membership === undefined,
  };
}

/** As much of what was approved as the role allows today: what its next token will carry. */
function permissionsOf({ connection, membership }: Held, { catalogue, narrowToRole }: AccountParts) {
  const resource = catalogue.find(connection.resource);
  if (!resource || !membership) return [];
  const grantable = narrowToRole(membership.role, connection.scopes);
  return presentPermissions(resource, { grantable, requested: connection.scopes }).groups;
}
