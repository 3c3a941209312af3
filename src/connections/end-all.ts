import type { Connection } from './connection.ts';
import type { ConnectionOwner } from './connection-lists.ts';
import type { Connections } from './connections.ts';

/** Each end is a handful of writes: so many at once, and other requests come in between. */
const atOnce = 50;

type Parts = Pick<Connections, 'slicesOf' | 'end'>;

export function createEndAll({ slicesOf, end }: Parts): Connections['endAll'] {
  async function endEach(owner: ConnectionOwner, ...[reason, isMeant]: Rest): Promise<number> {
    let count = 0;
    for await (const slice of slicesOf(owner)) {
      const meant = slice.filter(isMeant);
      for (let at = 0; at < meant.length; at += atOnce)
        await Promise.all(meant.slice(at, at + atOnce).map(({ id }) => end(id, reason)));
      count += meant.length;
    }
    return count;
  }

  return async function endAll(owner, reason, isMeant = () => true) {
    let count = 0;
    let ended: number;
    do {
      ended = await endEach(owner, reason, isMeant);
      count += ended;
    } while (ended > 0);
    return count;
  };
}

type Rest = [reason: Parameters<Connections['end']>[1], isMeant: (connection: Connection) => boolean];
