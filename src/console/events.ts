import type { ConsoleStorage } from './console-storage.ts';
import type { DirectoryEvent } from './schemas.ts';

/** What ends here when something ends at the console. Each may be told twice and must not mind. */
export interface ConsoleRevocation {
  membershipEnded(accountId: string, organizationId: string): Promise<void>;
  /** Tokens that tell the role of before must not count any longer; the connection stays. */
  roleChanged(accountId: string, organizationId: string): Promise<void>;
  accountDisabled(accountId: string): Promise<void>;
  accountSignedOut(accountId: string): Promise<void>;
  accountDeleted(accountId: string): Promise<void>;
  organizationDeleted(organizationId: string): Promise<void>;
}

interface EventParts {
  readonly storage: ConsoleStorage;
  readonly revocation: ConsoleRevocation;
  /** Drops what the directory answered about this account a moment ago; absent: nothing is kept. */
  readonly forgetAccount?: (accountId: string) => void;
}

export type ReceiveEvents = (events: readonly DirectoryEvent[]) => Promise<{ accepted: number }>;

/**
 * For how long an event that comes again does nothing. It matters when somebody became a member again meanwhile: the old
 * event would end the new connection. Fourteen days, because no queue delivers again what is older (SQS keeps at most 14
 * days, Kafka 7 by default, webhook services retry for 3); beyond it the worst is that a person signs in once more.
 */
const rememberedSeconds = 14 * 24 * 60 * 60;

/** How many accounts are worked on at once: a thousand events are to be done within a console's patience. */
const batchSize = 25;

export function createReceiveEvents({ storage, revocation, forgetAccount }: EventParts): ReceiveEvents {
  const { store, names, hash } = storage;

  async function act(event: DirectoryEvent): Promise<void> {
    const key = names.directoryEvent(hash('directory-event', event.id));
    if (await store.read(key)) return;
    // What was answered a moment ago must not bring back what ends now.
    if (event.account) forgetAccount?.(event.account);
    await end(event, revocation);
    // Remembered last: after a crash in between the console sends it again, and it ends again what has ended already.
    // Remembered first, it would be lost.
    await store.write(key, JSON.stringify({ type: event.type }), rememberedSeconds);
  }

  return async function receiveEvents(events) {
    const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
    for (let start = 0; start < distinct.length; start += batchSize)
      await Promise.all(distinct.slice(start, start + batchSize).map(act));
    return { accepted: events.length };
  };
}

function end({ type, account, organization }: DirectoryEvent, revocation: ConsoleRevocation): Promise<void> {
  // The schema has made sure that an event names what its type is about.
  const [accountId, organizationId] = [account as string, organization as string];
  switch (type) {
    case 'membership.ended':
      return revocation.membershipEnded(accountId, organizationId);
    case 'role.changed':
      return revocation.roleChanged(accountId, organizationId);
    case 'account.disabled':
      return revocation.accountDisabled(accountId);
    case 'account.signed_out':
      return revocation.accountSignedOut(accountId);
    case 'account.deleted':
      return revocation.accountDeleted(accountId);
    case 'organization.deleted':
      return revocation.organizationDeleted(organizationId);
  }
}
