import { groupByClient } from './clients.ts';
import type { ConnectionGroup, ConnectionRow } from './pages.ts';
import type { Held } from './present-connection.ts';

/** Ending all that a client has, where it has several: among all there are, not only those of one page. */
interface Together {
  readonly of: readonly Held[];
  readonly hrefOf: (clientKey: string) => string;
}

/** Connections under the names of their clients. */
export function presentGroups<T extends Held>(
  held: readonly T[],
  presentRow: (each: T) => ConnectionRow,
  together?: Together,
): ConnectionGroup[] {
  const all = new Map(groupByClient(together?.of ?? []));
  return groupByClient(held).map(([key, members]) => {
    const [{ connection }] = members as [T, ...T[]];
    const isSeveral = (all.get(key)?.length ?? 0) > 1;
    return {
      name: connection.clientName,
      ...(connection.documentHost && { documentHost: connection.documentHost }),
      connections: members.map(presentRow),
      ...(together && isSeveral && { disconnectHref: together.hrefOf(key) }),
    };
  });
}
