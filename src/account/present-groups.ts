import { groupByClient } from './clients.ts';
import type { ConnectionGroup, ConnectionRow } from './pages.ts';
import type { Held } from './present-connection.ts';

/** Connections under the names of their clients. */
export function presentGroups<T extends Held>(
  held: readonly T[],
  presentRow: (each: T) => ConnectionRow,
  disconnectHref?: (clientKey: string) => string,
): ConnectionGroup[] {
  return groupByClient(held).map(([key, members]) => {
    const [{ connection }] = members as [T, ...T[]];
    return {
      name: connection.clientName,
      ...(connection.documentHost && { documentHost: connection.documentHost }),
      connections: members.map(presentRow),
      ...(disconnectHref && members.length > 1 && { disconnectHref: disconnectHref(key) }),
    };
  });
}
