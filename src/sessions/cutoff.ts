import type { Clock } from '../clock.ts';
import type { RecordNames, RequestReads, Store } from '../storage/index.ts';
import { originOf, type SessionRecord } from './origin.ts';

/**
 * Ends every session of an account at once, or those of one session at an identity provider. A session tells when it began
 * and where; what is kept is until when beginnings count no more. Deleting sessions instead would leave a gap: a request
 * that is under way on another device writes its own again.
 */
export interface SessionCutoff {
  /** Every session of this account that began until now counts no more, on whichever device. */
  endEverywhere(accountId: string): Promise<void>;
  /** Whether that happened to this session, or it began at an identity provider that counts no more. */
  hasEnded(session: SessionRecord): Promise<boolean>;
  /** Begins to read what `signInTime` asks for. */
  readAhead(accountId: string): void;
  /** The names of the records by which `hasEnded` knows. */
  recordsOf(session: SessionRecord): string[];
  /** The time with which a session begins: `authTime`, now unless told, or as soon as it counts, within the same second and by any node's clock. */
  signInTime(accountId: string, authTime?: number): Promise<number>;
  /** Remembers whose session at an identity provider that is, by the name of its record; it stays ended once it has. */
  noteProviderSession(name: string, accountId: string): Promise<void>;
  /** Every session that began with this one counts no more. Whose it was, if that is known. */
  endProviderSession(name: string): Promise<string | undefined>;
}

interface CutoffParts {
  readonly store: Pick<Store, 'read' | 'write' | 'writeIfAbsent'>;
  readonly reads: Pick<RequestReads, 'read' | 'ahead' | 'forget'>;
  readonly names: Pick<RecordNames, 'signedOut'>;
  readonly clock: Clock;
  /** Whether this identity provider is configured; one that was taken out signs nobody in. */
  readonly knowsProvider?: (provider: string) => boolean;
  /** How long a session may go unused, or what was approved in it. */
  readonly rememberedSeconds?: number;
}

const thirtyDays = 30 * 24 * 60 * 60;

/** Needs no provider: the operator's command line ends sessions, too. */
export function createSessionCutoff(parts: CutoffParts): SessionCutoff {
  const { store, reads, names, clock, knowsProvider = () => true, rememberedSeconds = thirtyDays } = parts;

  async function find(accountId: string): Promise<number> {
    const [signedOut] = await reads.read([names.signedOut(accountId)]);
    return timeIn(signedOut);
  }
  const recordsOf = (session: SessionRecord) => {
    const { session: there } = originOf(session) ?? {};
    return [names.signedOut(session.accountId ?? ''), ...(there ? [there] : [])];
  };
  // By a clock elsewhere that is ahead it would begin later than it can be ended.
  const signInTime = async (accountId: string, authTime = clock.seconds()) =>
    Math.max(Math.min(authTime, clock.seconds()), (await find(accountId)) + 1);

  return {
    recordsOf,
    readAhead: (accountId) => reads.ahead([names.signedOut(accountId)]),
    signInTime,
    async endEverywhere(accountId) {
      // What was read with a password may be older than the last ending, by a node whose clock is ahead: never less than that.
      reads.forget([names.signedOut(accountId)]);
      // No session began later than it could have by now. Kept for ever: sessions live as long as they are used.
      await store.write(names.signedOut(accountId), JSON.stringify({ at: await signInTime(accountId) }));
    },
    async hasEnded(session) {
      const { loginTs: beganAt = 0 } = session;
      const origin = originOf(session);
      if (origin && !knowsProvider(origin.provider)) return true;
      const [signedOut, there] = await reads.read(recordsOf(session));
      return beganAt <= timeIn(signedOut) || (there !== undefined && JSON.parse(there.value).ended === true);
    },
    async noteProviderSession(name, accountId) {
      await store.writeIfAbsent(name, JSON.stringify({ accountId }), rememberedSeconds);
    },
    async endProviderSession(name) {
      const known = await store.read(name);
      const record = { ...(known && JSON.parse(known.value)), ended: true };
      await store.write(name, JSON.stringify(record), rememberedSeconds);
      return record.accountId;
    },
  };
}

function timeIn(record: { readonly value: string } | undefined): number {
  return record ? JSON.parse(record.value).at : 0;
}
