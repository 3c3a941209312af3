import { type RecordNames, type RequestReads, type Store, untilWritten } from '../storage/index.ts';

/** All that an account has beside its password, in one record: what is used up is used up in one step with its check. */
export interface FactorRecord {
  readonly factors: readonly Factor[];
  /** Keyed hashes of the recovery codes that are left. */
  readonly recoveryCodes: readonly string[];
}

export type Factor = App | Passkey;

interface Named {
  readonly id: string;
  /** As its person calls it; empty: by its kind. */
  readonly name: string;
  /** Seconds since the epoch. */
  readonly addedAt: number;
  readonly lastUsedAt?: number;
}

/** Something that shows codes (RFC 6238). */
export interface App extends Named {
  readonly kind: 'app';
  /** Encrypted for this account. */
  readonly secret: string;
  /** The last time step of which a code was taken: none of it, nor of an earlier one, is taken again (RFC 6238 §5.2). */
  readonly lastStep: number;
}

/** A credential of WebAuthn; its `id` is the credential's. */
export interface Passkey extends Named {
  readonly kind: 'passkey';
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
}

export interface FactorRecords {
  read(accountId: string): Promise<FactorRecord>;
  /**
   * Changes the newest record, again when somebody else was faster. A change that answers nothing writes nothing, and
   * nothing is what is then answered.
   */
  change<T>(accountId: string, change: Change<T>): Promise<T | undefined>;
  /** What was there. */
  remove(accountId: string): Promise<FactorRecord>;
}

type Change<T> = (record: FactorRecord) => { readonly record: FactorRecord; readonly result: T } | undefined;

const nothing: FactorRecord = { factors: [], recoveryCodes: [] };

interface Parts {
  readonly store: Pick<Store, 'read' | 'compareAndSet' | 'writeIfAbsent' | 'remove'>;
  readonly names: Pick<RecordNames, 'factors'>;
  readonly reads: Pick<RequestReads, 'read' | 'forget'>;
}

export function createFactorRecords({ store, names, reads }: Parts): FactorRecords {
  const parse = (value: string | undefined): FactorRecord => (value === undefined ? nothing : JSON.parse(value));

  async function read(accountId: string): Promise<FactorRecord> {
    const [stored] = await reads.read([names.factors(accountId)]);
    return parse(stored?.value);
  }

  async function changeOnce<T>(accountId: string, change: Change<T>): Promise<{ result: T | undefined } | 'lost'> {
    const key = names.factors(accountId);
    // What was read along with a password counts no more.
    reads.forget([key]);
    const stored = (await store.read(key))?.value;
    const changed = change(parse(stored));
    if (!changed) return { result: undefined };
    const value = JSON.stringify(changed.record);
    const isWritten = await (stored === undefined
      ? store.writeIfAbsent(key, value)
      : store.compareAndSet(key, stored, value));
    return isWritten ? changed : 'lost';
  }

  return {
    read,
    async change(accountId, change) {
      const outcome = await untilWritten(() => changeOnce(accountId, change));
      if (outcome === 'lost') throw new Error('the factors of an account change faster than they can be written');
      return outcome.result;
    },
    async remove(accountId) {
      const key = names.factors(accountId);
      reads.forget([key]);
      const record = await read(accountId);
      await store.remove([key]);
      return record;
    },
  };
}

/** With this one changed. */
export function withFactor(record: FactorRecord, changed: Factor): FactorRecord {
  return { ...record, factors: record.factors.map((factor) => (factor.id === changed.id ? changed : factor)) };
}
