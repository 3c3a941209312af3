import { type AdapterPayload, errors } from 'oidc-provider';
import { conceal } from './artefacts.ts';
import type { Keys } from './keys.ts';
import { perRequest } from './per-request.ts';
import { grantOfRefreshToken, successorOf } from './refresh-token-value.ts';
import type { Secrecy } from './secrecy.ts';
import type { Store, StoredRecord, TakeResult } from './store.ts';

interface Parts {
  readonly store: Store;
  readonly keys: Keys;
  readonly secrecy: Secrecy;
  /** Seconds. */
  readonly refreshGrace: number;
}

/** What follows a token, as it is written. */
interface Successor {
  readonly key: string;
  readonly value: string;
  readonly grantId: string;
  readonly ttlSeconds: number;
}

/** How refresh tokens follow each other (decision 6): taking one and writing its successor is one step of the store. */
export class RefreshTokens {
  readonly #parts: Parts;
  /** The record that a request is about to replace. */
  readonly #rotating = perRequest<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  isWithinGrace(takenAt: number): boolean {
    return epochSeconds() - takenAt < this.#parts.refreshGrace;
  }

  /**
   * A tool that renews several times at once may keep an answer that came late, and present its token an hour later: it
   * must be the newest one. So a replay within the grace counts as one of the last token of its line that was used.
   */
  async findLastTaken(id: string, record: StoredRecord): Promise<{ id: string; record: StoredRecord }> {
    const { store, keys, secrecy } = this.#parts;
    let last = { id, record };
    while (last.record.takenAt !== undefined && this.isWithinGrace(last.record.takenAt)) {
      const nextId = successorOf(last.id, grantOfRefreshToken(last.id), secrecy);
      const next = await store.read(keys.artefact('RefreshToken', nextId));
      if (next?.takenAt === undefined) break;
      last = { id: nextId, record: next };
    }
    return last;
  }

  /**
   * oidc-provider takes a refresh token, then writes its successor; between the two a crash would sign the tool out. So
   * the taking waits for the successor of the same request.
   */
  async take(key: string, rotates: boolean): Promise<void> {
    if (rotates) this.#rotating.set(key);
    else await takeOnce(this.#parts.store, key, (takenAt) => this.isWithinGrace(takenAt));
  }

  async keep(key: string, value: string, grantId: string | undefined, ttlSeconds: number): Promise<void> {
    const { store } = this.#parts;
    const record = this.#rotating.get();
    if (!grantId) {
      await store.writeIfAbsent(key, value, ttlSeconds);
      return;
    }
    if (record) return this.#rotate(record, { key, value, grantId, ttlSeconds });
    const { index, companions } = this.#besides(grantId);
    await Promise.all([
      store.writeIfAbsent(key, value, ttlSeconds),
      store.addMember(index, key, ttlSeconds),
      store.extend(companions, ttlSeconds),
    ]);
  }

  /** Takes the token that was found as `presented` and keeps what follows it, in one step; answers with the token of that. */
  async replace(presented: AdapterPayload, payload: AdapterPayload, ttlSeconds: number): Promise<string> {
    const { keys, secrecy } = this.#parts;
    const { jti = '', grantId = '' } = presented;
    const successor = successorOf(jti, grantId, secrecy);
    const key = keys.artefact('RefreshToken', successor);
    const value = conceal('RefreshToken', payload, secrecy);
    await this.#rotate(keys.artefact('RefreshToken', jti), { key, value, grantId, ttlSeconds });
    return successor;
  }

  async #rotate(record: string, { key, value, grantId, ttlSeconds }: Successor): Promise<void> {
    const { store, refreshGrace: graceSeconds } = this.#parts;
    const successor = { successor: key, value, ttlSeconds, ...this.#besides(grantId) };
    const result = await store.rotate({ record, atSeconds: epochSeconds(), graceSeconds, ...successor });
    checkTaken(result, (takenAt) => this.isWithinGrace(takenAt));
  }

  /** The grant and the connection live as long as the newest refresh token (decision 7). */
  #besides(grantId: string) {
    const { keys } = this.#parts;
    const companions = [keys.grant(grantId), keys.connection(grantId)] as const;
    return { index: keys.artefactsOfGrant(grantId), companions };
  }
}

/** Of any number of callers one takes it; the others are told in the words of OAuth, unless their being late is forgiven. */
export async function takeOnce(store: Store, key: string, isForgiven?: (takenAt: number) => boolean): Promise<void> {
  checkTaken(await store.takeOnce(key, epochSeconds()), isForgiven);
}

function checkTaken(result: TakeResult, isForgiven: (takenAt: number) => boolean = () => false): void {
  if (result === 'taken' || (typeof result === 'number' && isForgiven(result))) return;
  throw new errors.InvalidGrant(result === 'gone' ? 'it is gone' : 'it was taken by another request');
}

function epochSeconds() {
  return Math.floor(Date.now() / 1000);
}
