import type { Store } from '../store.ts';

const lifetimeSeconds = 60;

/**
 * Does with keys that nobody else uses everything that this server does with Redis, and answers what its user may not: names
 * of commands, or that of the keys. Found out at the start, because most are needed only when something goes wrong: a server
 * that cannot revoke would run for weeks (R117).
 */
export async function findMissingRights(store: Store, [key, ...others]: readonly [string, ...string[]]) {
  const missing = new Set<string>();
  // Whoever waits for entries needs a connection for it: once is enough, and feeds are few.
  const waiting: Attempt = [() => store.waitForEntry(key, undefined)];
  const lists = [attempts(store, key, [waiting]), ...others.map((other) => attempts(store, other))];
  await Promise.all(lists.map((list) => tryAll(list, missing)));
  return [...missing];
}

type Attempt = [attempt: () => Promise<unknown>, inScript?: string];

async function tryAll(list: readonly Attempt[], missing: Set<string>): Promise<void> {
  for (const [attempt, inScript] of list) {
    // What goes wrong because an earlier attempt was refused says nothing new.
    await attempt().catch((error: Error) => {
      const right = missingRight(error.cause, inScript);
      if (right !== undefined) missing.add(right);
      else if (!isAnswer(error.cause)) throw error;
    });
  }
}

/**
 * One kind of value after the other, under one key: the rights to a key are rights to a pattern. `ofEntry` while an entry is
 * there: a start that waited for one would take as long as a request that does.
 */
function attempts(store: Store, key: string, ofEntry: readonly Attempt[] = []): Attempt[] {
  const value = '{}';
  const remove = () => store.remove([key]);
  const along = { replace: { key, expected: value, value }, ttlSeconds: lifetimeSeconds };
  const entry = { member: 'a', position: 1, dueSeconds: lifetimeSeconds };
  const forward = { record: key, from: 0, graceSeconds: 1, ttlSeconds: lifetimeSeconds, nonce: 'a' };
  return [
    [() => store.ping()],
    [() => store.now()],
    [() => store.memory?.() ?? Promise.resolve()],
    [() => store.write(key, value, lifetimeSeconds)],
    [() => store.read(key)],
    [() => store.exchange(key, value, lifetimeSeconds)],
    [() => store.compareAndSet(key, value, value)],
    [() => store.compareAndSet(key, value, value)], // now by the hash of the script
    [() => store.extend([key], lifetimeSeconds)],
    [() => store.advance({ ...forward, extend: [key] })],
    [() => store.write(key, value, lifetimeSeconds)],
    [() => store.take({ record: key, nonce: 'a', along })],
    [() => store.writeIfAbsent(key, value, lifetimeSeconds)],
    [() => store.writeIfAbsent(key, value, 0)],
    [remove, 'GET or DEL'],
    [() => store.addMember(key, 'a', lifetimeSeconds), 'SADD or PTTL'],
    [() => store.members(key)],
    [() => store.someMembers(key, 1)],
    [() => store.removeMember(key, 'a')],
    [remove],
    [() => store.enlist(key, [entry], { ttlSeconds: lifetimeSeconds }), 'ZADD or ZRANGE'],
    [() => store.enlist(key, [entry], { ttlSeconds: lifetimeSeconds, onlyThere: true }), 'ZSCORE'],
    [() => store.readList(key, { after: { ...entry, position: 2 }, limit: 1 }), 'ZREVRANK, ZREM, ZCARD or ZCOUNT'],
    [() => store.unlist(key, [entry.member]), 'ZREM'],
    [remove],
    [() => store.count(key, lifetimeSeconds), 'INCR or PTTL'],
    [() => store.readCount(key), 'PTTL'],
    [remove],
    [() => store.append(key, value, lifetimeSeconds), 'XADD'],
    [() => store.readFeed(key, undefined, 1), 'XINFO|STREAM or XRANGE'],
    ...ofEntry,
    [remove],
  ];
}

/** Redis names the command, except of one in a script: `inScript` says those that no earlier attempt has used by itself. */
function missingRight(cause: unknown, inScript: string | undefined): string | undefined {
  const { message = '' } = cause as Error;
  if (/The user executing the script can't run this command/.test(message)) return inScript;
  if (!/^NOPERM|ACL failure in script/.test(message)) return undefined;
  const [, command] = /the '([^']+)' command/.exec(message) ?? [];
  if (command !== undefined) return command.toUpperCase();
  return /key/.test(message) ? 'access to the keys' : message;
}

function isAnswer(cause: unknown): boolean {
  return (cause as Error | undefined)?.name === 'ReplyError';
}
