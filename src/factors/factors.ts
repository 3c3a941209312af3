import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { RecordNames, RequestReads, Store, Vault } from '../storage/index.ts';
import { type App, createFactorRecords, type Factor, type FactorRecord, withFactor } from './factor-record.ts';
import { createPasskeys, isPasskey, type Passkeys } from './passkeys.ts';
import { createRecoveryCodes, hashRecoveryCode } from './recovery-codes.ts';
import { createTickets, type Tickets } from './tickets.ts';
import { stepOfCode } from './totp.ts';
import { createWebAuthn } from './webauthn.ts';

/** What accounts have beside their passwords. */
export interface Factors {
  list(accountId: string): Promise<FactorList>;
  /** Whether it is the code of an app of this account, for the first time. */
  takeCode(accountId: string, code: string): Promise<boolean>;
  /** Whether it was one of the recovery codes that are left; it is none any more. */
  takeRecoveryCode(accountId: string, code: string): Promise<boolean>;
  /** An app whose code was just shown; nothing when the code is wrong. */
  addApp(accountId: string, app: { secret: string; code: string } & Terms): Promise<Added | undefined>;
  addPasskey(accountId: string, created: CreatedPasskey, terms: Terms): Promise<Added | undefined>;
  /** What is replaced signs nobody in any more. Nothing where there is no factor. */
  renewRecoveryCodes(accountId: string): Promise<string[] | undefined>;
  /** Nothing where it is not there. */
  rename(accountId: string, factorId: string, name: string): Promise<Factor | undefined>;
  /** With the last one the recovery codes go, too. */
  remove(accountId: string, factorId: string): Promise<Factor | undefined>;
  /** How many there were. */
  reset(accountId: string): Promise<number>;
  readonly tickets: Tickets;
  /** Absent where no browser makes them. */
  readonly passkeys: Passkeys | undefined;
}

export interface FactorList {
  readonly factors: readonly Factor[];
  readonly recoveryCodesLeft: number;
}

type CreatedPasskey = Exclude<Awaited<ReturnType<Passkeys['redeemCreated']>>, 'taken' | undefined>;

interface Terms {
  readonly name: string;
  /** By somebody who has shown the password only: not beside another factor, which would have been asked for. */
  readonly onlyFirst: boolean;
}

/** `recoveryCodes`: with the first factor, to be shown once. */
interface Added {
  readonly recoveryCodes: readonly string[];
}

/** More are kept by nobody, and each code would be looked at for every app. */
const mostFactors = 10;

interface Parts {
  readonly store: Store;
  readonly reads: Pick<RequestReads, 'read' | 'forget'>;
  readonly names: Pick<RecordNames, 'factors' | 'passkey' | 'usedChallenge'>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly issuer: string;
  readonly brand: string;
}

export function createFactors({ store, reads, names, vault, clock, issuer, brand }: Parts): Factors {
  const records = createFactorRecords({ store, names, reads });
  const tickets = createTickets({ store, names, vault, clock });
  const webAuthn = createWebAuthn(issuer, brand);
  const passkeys = webAuthn && createPasskeys({ webAuthn, records, tickets, store, names, vault, clock });
  const context = (accountId: string) => `totp ${accountId}`;

  /** With a former STORE_SECRET, too; what is used is kept under the first one from then on. */
  function used(accountId: string, app: App, code: string): App | undefined {
    const secret = readSecret(accountId, app);
    const step = secret === undefined ? undefined : stepOfCode(secret, code, clock.now());
    if (secret === undefined || step === undefined || step <= app.lastStep) return undefined;
    return { ...app, secret: vault.encrypt(context(accountId), secret), lastStep: step, lastUsedAt: clock.seconds() };
  }

  /** Nothing when it was made with a secret that is lost: another app of the account may still be good. */
  function readSecret(accountId: string, app: App): string | undefined {
    try {
      return vault.decrypt(context(accountId), app.secret);
    } catch {
      return undefined;
    }
  }

  function add(accountId: string, factor: Factor, onlyFirst: boolean): Promise<Added | undefined> {
    return records.change<Added>(accountId, (record) => {
      if (!mayAdd(record, factor, onlyFirst)) return undefined;
      const fresh = record.factors.length === 0 ? createRecoveryCodes() : [];
      const recoveryCodes = [...record.recoveryCodes, ...hashed(accountId, fresh)];
      return { record: { factors: [...record.factors, factor], recoveryCodes }, result: { recoveryCodes: fresh } };
    });
  }

  const hashed = (accountId: string, codes: readonly string[]) =>
    codes.map((code) => hashRecoveryCode(vault.hash, accountId, code));

  return {
    tickets,
    passkeys,
    async list(accountId) {
      const { factors, recoveryCodes } = await records.read(accountId);
      return { factors, recoveryCodesLeft: recoveryCodes.length };
    },

    async takeCode(accountId, code) {
      const taken = await records.change<true>(accountId, (record) => {
        const apps = record.factors.filter((factor) => factor.kind === 'app');
        const [app] = apps.flatMap((each) => used(accountId, each, code) ?? []);
        return app && { record: withFactor(record, app), result: true };
      });
      return taken === true;
    },

    async takeRecoveryCode(accountId, code) {
      const hashes = vault.hashers.map((hash) => hashRecoveryCode(hash, accountId, code));
      const taken = await records.change<true>(accountId, (record) => {
        const left = record.recoveryCodes.filter((kept) => !hashes.includes(kept));
        if (left.length === record.recoveryCodes.length) return undefined;
        return { record: { ...record, recoveryCodes: left }, result: true };
      });
      return taken === true;
    },

    async addApp(accountId, { secret, code, name, onlyFirst }) {
      const step = stepOfCode(secret, code, clock.now());
      if (step === undefined) return undefined;
      const at = clock.seconds();
      const id = `app_${randomBytes(12).toString('base64url')}`;
      const sealed = vault.encrypt(context(accountId), secret);
      // The code that was just shown is used up as well.
      const times = { lastStep: step, addedAt: at, lastUsedAt: at };
      return add(accountId, { kind: 'app', id, name, secret: sealed, ...times }, onlyFirst);
    },

    addPasskey: (accountId, created, { name, onlyFirst }) =>
      add(accountId, { kind: 'passkey', ...created, name, addedAt: clock.seconds() }, onlyFirst),

    renewRecoveryCodes(accountId) {
      const codes = createRecoveryCodes();
      return records.change(accountId, (record) =>
        record.factors.length === 0
          ? undefined
          : { record: { ...record, recoveryCodes: hashed(accountId, codes) }, result: codes },
      );
    },

    rename: (accountId, factorId, name) =>
      records.change(accountId, (record) => {
        const factor = record.factors.find(({ id }) => id === factorId);
        return factor && { record: withFactor(record, { ...factor, name }), result: factor };
      }),

    async remove(accountId, factorId) {
      const removed = await records.change(accountId, (record) => {
        const factor = record.factors.find(({ id }) => id === factorId);
        return factor && { record: without(record, factorId), result: factor };
      });
      if (removed && isPasskey(removed)) await passkeys?.forget(accountId, [removed]);
      return removed;
    },

    async reset(accountId) {
      const { factors } = await records.remove(accountId);
      await passkeys?.forget(accountId, factors.filter(isPasskey));
      return factors.length;
    },
  };
}

function without({ factors, recoveryCodes }: FactorRecord, id: string): FactorRecord {
  const left = factors.filter((factor) => factor.id !== id);
  return { factors: left, recoveryCodes: left.length === 0 ? [] : recoveryCodes };
}

function mayAdd({ factors }: FactorRecord, { id }: Factor, onlyFirst: boolean): boolean {
  if (onlyFirst && factors.length > 0) return false;
  return factors.length < mostFactors && factors.every((factor) => factor.id !== id);
}
