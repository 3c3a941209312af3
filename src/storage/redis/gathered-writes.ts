import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.ts';

/** One turn of the event loop, at the end of which what was asked of Redis leaves. */
export interface Turn {
  /** To be called before a command is sent: it waits for the others of this turn. */
  gather(): void;
  /** Sends what is made of all that was asked in this turn; what is written before what is read. */
  atEnd(what: 'write' | 'read', send: () => void): void;
}

/**
 * Commands of one turn leave in one write, after everything that has arrived so far, from whomever, has been looked at: each
 * write costs the process more than most commands cost Redis. (Auto-pipelining does it, too, and its batches cost more than
 * they save.)
 */
export function createTurn(client: RedisClient): Turn {
  let isUnderWay = false;
  const last: Record<'write' | 'read', (() => void)[]> = { write: [], read: [] };
  const stream = () => (client instanceof Cluster ? undefined : client.stream);
  let corked: ReturnType<typeof stream>;

  function begin(): void {
    if (isUnderWay) return;
    isUnderWay = true;
    setImmediate(end);
  }

  function cork(): void {
    // A cluster has a connection for each node, of which nothing is public (ioredis 6.0).
    if (corked) return;
    corked = stream();
    corked?.cork();
  }

  function end(): void {
    for (const send of [...last.write.splice(0), ...last.read.splice(0)]) send();
    isUnderWay = false;
    corked?.uncork();
    corked = undefined;
  }

  return {
    gather() {
      begin();
      cork();
    },
    atEnd(what, send) {
      begin();
      last[what].push(send);
    },
  };
}
