import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import type { RevocationReason } from './revocation-entry.ts';
import type { Revocations } from './revocations.ts';

/** For whoever keeps accounts and memberships: to be told *after* one has ended there, so that no refresh comes between. */
export interface Revocation {
  membershipEnded(accountId: string, organizationId: string): Promise<void>;
  accountDisabled(accountId: string): Promise<void>;
  /** The membership goes on: only tokens that say another role end, and their tools renew them. */
  roleChanged(accountId: string, organizationId: string, role: string): Promise<void>;
  /** What is remembered of an account beside its connections goes, too. To be called when it can connect nothing any more. */
  accountDeleted(accountId: string): Promise<void>;
  /** Every connection for it, whoever's. */
  organizationDeleted(organizationId: string): Promise<void>;
  /** Whoever knew the old password may have connected tools with it; whether those end is the policy's. */
  passwordChanged(accountId: string): Promise<void>;
  /** Every connection of theirs, because they chose that with a new password. */
  disconnectAll(accountId: string): Promise<void>;
  /** A client that was removed keeps no connection: its next request is told that it is unknown. */
  clientRemoved(clientId: string): Promise<void>;
  /** The operator ends one; false when there is none. */
  endConnection(connectionId: string): Promise<boolean>;
}

interface Parts {
  readonly connections: Pick<Connections, 'find' | 'end' | 'endAll' | 'endOfClient' | 'forgetAccount'>;
  readonly revocations: Pick<Revocations, 'membershipEnded' | 'roleChanged'>;
  /** Absent: a new password ends nothing. */
  readonly signOutEverywhere?: ((accountId: string) => Promise<void>) | undefined;
}

export function createRevocation({ connections, revocations, signOutEverywhere }: Parts): Revocation {
  async function end(accountId: string, organizationId: string, reason: RevocationReason): Promise<void> {
    await revocations.membershipEnded(accountId, organizationId, reason);
    const isMeant = (connection: Connection) => organizationId === '*' || connection.organizationId === organizationId;
    // One by one as well: a connection ends for good, and a token that is being signed just now ends with it.
    await connections.endAll({ accountId }, reason, isMeant);
  }

  return {
    membershipEnded: (accountId, organizationId) => end(accountId, organizationId, 'membership ended'),
    accountDisabled: (accountId) => end(accountId, '*', 'account disabled'),
    async accountDeleted(accountId) {
      await end(accountId, '*', 'account disabled');
      await connections.forgetAccount(accountId);
    },
    roleChanged: revocations.roleChanged,
    async organizationDeleted(organizationId) {
      await connections.endAll({ organizationId }, 'organization deleted');
    },
    async passwordChanged(accountId) {
      if (!signOutEverywhere) return;
      await signOutEverywhere(accountId);
      await end(accountId, '*', 'password changed');
    },
    disconnectAll: (accountId) => end(accountId, '*', 'password changed'),
    clientRemoved: connections.endOfClient,
    async endConnection(connectionId) {
      if (!(await connections.find(connectionId))) return false;
      await connections.end(connectionId, 'revoked by the operator');
      return true;
    },
  };
}

/** The part of a directory that ends what a person may act for. */
interface EndingDirectory {
  endMembership(accountId: string, organizationId: string): Promise<boolean>;
  disableAccount(accountId: string): Promise<void>;
  changePassword(accountId: string, password: string, version?: number): Promise<void>;
  unlink(accountId: string): Promise<number>;
  removeAccount(accountId: string): Promise<void>;
  removeOrganization(organization: { readonly id: string }): Promise<void>;
}

/** The same directory, whose gateways are told when a membership or an account ends, or a password is another. */
export function revokeWithDirectory<D extends EndingDirectory>(directory: D, revocation: Revocation): D {
  return {
    ...directory,
    async endMembership(accountId, organizationId) {
      const wasMember = await directory.endMembership(accountId, organizationId);
      // Even for somebody who was none: an earlier attempt may have got no further than the directory.
      await revocation.membershipEnded(accountId, organizationId);
      return wasMember;
    },
    async disableAccount(accountId) {
      await directory.disableAccount(accountId);
      await revocation.accountDisabled(accountId);
    },
    async removeAccount(accountId) {
      await directory.removeAccount(accountId);
      await revocation.accountDeleted(accountId);
    },
    async removeOrganization(organization) {
      // Before as well: where this stops half-way it can be asked for again as long as the organization is there.
      await revocation.organizationDeleted(organization.id);
      await directory.removeOrganization(organization as Parameters<D['removeOrganization']>[0]);
      await revocation.organizationDeleted(organization.id);
    },
    async changePassword(accountId, password, version) {
      await directory.changePassword(accountId, password, version);
      await revocation.passwordChanged(accountId);
    },
    async unlink(accountId) {
      const count = await directory.unlink(accountId);
      // As with a password: whoever came in this way may have connected tools.
      if (count > 0) await revocation.passwordChanged(accountId);
      return count;
    },
  };
}
