import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import { StoreUnavailable } from '../store-unavailable.ts';
import { untilUnlocked } from './lock.ts';

/** How a verb is answered: by the clock of this moment, all of it or nothing, and as an error that names no file's content. */
export class Answers {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #onError: (error: Error) => void;

  constructor(database: DatabaseSync, clock: Clock, onError: (error: Error) => void) {
    this.#database = database;
    this.#clock = clock;
    this.#onError = onError;
  }

  async answer<T>(work: (nowMs: number) => T): Promise<T> {
    try {
      return await untilUnlocked(() => this.attempt(work));
    } catch (error) {
      this.#onError(error as Error);
      throw error;
    }
  }

  attempt<T>(work: (nowMs: number) => T): T {
    try {
      return work(this.#clock.now());
    } catch (cause) {
      throw new StoreUnavailable(cause);
    }
  }

  inTransaction<T>(work: (nowMs: number) => T): Promise<T> {
    return this.answer((now) => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = work(now);
        this.#database.exec('COMMIT');
        return result;
      } finally {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      }
    });
  }
}
