import type { RequestReads } from '../adapter/index.ts';
import type { Connection } from '../connections/index.ts';
import type { Directory, Membership, StoredMemberships } from '../directory/index.ts';

type Member = Pick<Connection, 'accountId' | 'organizationId'>;

/** Whether the person of a connection is a member still: asked whenever a token is issued. */
export interface Memberships {
  find(connection: Connection): Promise<Membership | undefined>;
  /** What `find` is going to read for this connection, if it was asked about before. */
  recordsOf(connectionId: string): string[];
}

interface Parts {
  readonly directory: Pick<Directory, 'findMembership'>;
  /** The same directory, where it is in our own store. */
  readonly stored: StoredMemberships | undefined;
  readonly reads: RequestReads;
}

/** Some hundred bytes each; what is forgotten is read a moment later. */
const remembered = 10_000;

/**
 * A membership in our own store is read in one step with the token that is renewed: for whom a connection was the last time
 * is remembered, and hardly ever changes. Where it did, these records are not the ones that are asked for, and are not used.
 */
export function createMemberships({ directory, stored, reads }: Parts): Memberships {
  const members = new Map<string, Member>();

  function remember({ id, accountId, organizationId }: Connection): void {
    members.delete(id);
    members.set(id, { accountId, organizationId });
    const [oldest] = members.keys();
    if (members.size > remembered && oldest !== undefined) members.delete(oldest);
  }

  return {
    async find(connection) {
      const { accountId, organizationId } = connection;
      if (!stored) return directory.findMembership(accountId, organizationId);
      remember(connection);
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
