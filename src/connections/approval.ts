import { type RecordNames, type Store, untilWritten } from '../storage/index.ts';
import type { ConnectionState } from './change-lock.ts';
import type { Connection } from './connection.ts';
import { toldForMs } from './connection-change.ts';
import type { Admission, ConnectionLimits } from './connection-limits.ts';
import { updateRecord } from './connection-record.ts';

/** What a person approved on a page, and what they saw there and left unticked. */
export interface Approval {
  /** As it would begin. */
  readonly connection: Connection;
  readonly unticked: readonly string[];
}

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly find: (connectionId: string) => Promise<Connection | undefined>;
  readonly limits: Pick<ConnectionLimits, 'admitChange' | 'admitAddition'>;
  /** Told before, and waited for, that permissions were taken away. */
  readonly onNarrowed: (connection: Connection) => Promise<void> | void;
}

/** It was changed so often, or so shortly before, that nothing was done. */
export type Postponed = Extract<Admission, { allowed: false }>;

/**
 * An approval of an installation that has a connection changes that one. Only what the person saw and left unticked goes:
 * what another page of theirs added meanwhile stays. Gateways are told first, as for every change (connection-change.ts).
 * Nothing when it has ended, or moved, meanwhile.
 */
export function createApproveAgain({ store, names, find, limits, onNarrowed }: Parts) {
  /** What changes for tokens that are there: of a connection of which nothing was redeemed there are none. */
  function admit(before: Connection, { organizationId, scopes }: ConnectionState) {
    const isNarrowed = !before.pending && before.scopes.some((scope) => !scopes.includes(scope));
    const isWidened = !before.pending && scopes.some((scope) => !before.scopes.includes(scope));
    const { admitChange, admitAddition } = limits;
    const admission = isNarrowed
      ? admitChange(before.id, { organizationId, scopes })
      : isWidened && admitAddition(before.id, { organizationId, scopes });
    return { isNarrowed, admission };
  }

  async function write(id: string, approval: Approval): Promise<Connection | undefined> {
    const isMeant = isFor(approval.connection);
    const change = (current: Connection) => (isMeant(current) ? withApproval(current, approval) : current);
    const after = await updateRecord<Connection>(store, names.connection(id), change);
    return after && isMeant(after) ? after : undefined;
  }

  async function tellAndWrite(before: Connection, approval: Approval): Promise<Connection | undefined> {
    await onNarrowed(withApproval(before, approval));
    const toldAt = performance.now();
    const after = await write(before.id, approval);
    if (after && performance.now() - toldAt > toldForMs) await onNarrowed(after);
    return after;
  }

  /** `'lost'`: it is not as it was read any more. */
  async function approveAs(before: Connection, approval: Approval, ttlSeconds: number) {
    if (!isFor(approval.connection)(before)) return undefined;
    const after = withApproval(before, approval);
    const { isNarrowed, admission } = admit(before, after);
    const admitted = await admission;
    if (admitted && !admitted.allowed) return admitted;
    const key = names.connection(before.id);
    // Or the code of now would outlive one that was never redeemed; whatever lives longer goes on doing so.
    const extended = store.extend([key], ttlSeconds);
    if (isNarrowed) return extended.then(() => tellAndWrite(before, approval));
    const [isWritten] = await Promise.all([
      store.compareAndSet(key, JSON.stringify(before), JSON.stringify(after)),
      extended,
    ]);
    return isWritten ? after : 'lost';
  }

  /** `before`: as it was read for the page's form; what it is by now decides. */
  return async function approveAgain(
    before: Connection,
    approval: Approval,
    ttlSeconds: number,
  ): Promise<Connection | Postponed | undefined> {
    let known: Connection | undefined = before;
    const outcome = await untilWritten(async () => {
      const current = known ?? (await find(before.id));
      known = undefined;
      return current && approveAs(current, approval, ttlSeconds);
    });
    if (outcome === 'lost') throw new Error('the connection is being changed by too many at once');
    return outcome;
  };
}

/** It may have moved to another organization since the page was shown. */
function isFor({ organizationId }: Connection) {
  return (connection: Connection) => connection.organizationId === organizationId;
}

/** Its id, its name, its lines of tokens and its age stay; what was seen on the page is what was approved. */
function withApproval(current: Connection, { connection: seen, unticked }: Approval): Connection {
  const kept = current.scopes.filter((scope) => !unticked.includes(scope));
  const { documentHost: _host, signIn: _signIn, ...rest } = current;
  return {
    ...rest,
    clientName: seen.clientName,
    ...(seen.documentHost !== undefined && { documentHost: seen.documentHost }),
    ...(seen.signIn && { signIn: seen.signIn }),
    redirectHost: seen.redirectHost,
    resource: seen.resource,
    scopes: union(kept, seen.scopes),
    identityScopes: union(current.identityScopes, seen.identityScopes),
    approvedAt: seen.createdAt,
    address: seen.address,
    userAgent: seen.userAgent,
  };
}

function union(some: readonly string[], others: readonly string[]): string[] {
  return [...new Set([...some, ...others])];
}
