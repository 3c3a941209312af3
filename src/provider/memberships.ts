import QuickLRU from 'quick-lru';
import type { Connection } from '../connections/index.ts';
import type { Directory, Membership, StoredMemberships } from '../directory/index.ts';
import type { RequestReads } from '../storage/index.ts';

type Member = Pick<Connection, 'accountId' | 'organizationId'>;

/** Whether the person of a connection is a member still: asked whenever a token is issued. */
export interface Memberships {
  find(connection: Connection): Promise<Membership | undefined>;
  /** It is going to be asked for. */
  note(connection: Connection): void;
  /** What `find` is going to read for this connection, if it was asked about or noted before. */
  recordsOf(connectionId: string): string[];
}

interface Parts {
  readonly directory: Pick<Directory, 'findMembership'>;
  /** The same directory, where it is in our own store. */
  readonly stored: StoredMemberships | undefined;
  readonly reads: RequestReads;
}

/**
 * A membership in our own store is read in one step with the token that is presented: for whom a connection was the last time
 * is remembered, and hardly ever changes. Where it did, these records are not the ones that are asked for, and are not used.
 */
export function createMemberships({ directory, stored, reads }: Parts): Memberships {
  const members = new QuickLRU<string, Member>({ maxSize: 5000 });

  function note({ id, accountId, organizationId }: Connection): void {
    if (stored) members.set(id, { accountId, organizationId });
  }

  return {
    note,
    async find(connection) {
      const { accountId, organizationId } = connection;
      if (!stored) return directory.findMembership(accountId, organizationId);
      note(connection);
      return stored.membershipFrom(
        organizationId,
        await reads.read(stored.membershipRecords(accountId, organizationId)),
      );
    },
    recordsOf(connectionId) {
      const member = members.get(connectionId);
      return stored && member ? stored.membershipRecords(member.accountId, member.organizationId) : [];
    },
  };
}
