import { randomBytes } from 'node:crypto';
import { nameAnswer } from '../record-names.ts';
import type { Count } from '../store.ts';
import { groupsOf, hashTag, milliseconds, toCount } from './replies.ts';
import type { Scripts } from './scripts.ts';

/** Longer than a command may be sent again after it was sent first, and than Redis may be frozen in between. */
const answerMs = 10_000;

/** Sends, again and again if need be, and is answered as the first time. */
type Send<T> = () => Promise<T>;

/**
 * Writes whose answer says what *this* call did. For a moment Redis keeps that answer, under a name that only this call
 * knows, so that whoever lost it may ask again: nothing is done twice, and nobody is told that somebody else did it.
 */
export class AnsweredWrites {
  readonly #scripts: Scripts;
  readonly #prefix: string;
  readonly #process = randomBytes(9).toString('base64url');
  #calls = 0;

  constructor(scripts: Scripts, prefix: string) {
    this.#scripts = scripts;
    this.#prefix = prefix;
  }

  writeIfAbsent(key: string, value: string, ttlSeconds: number | undefined): Send<boolean> {
    const ttlMs = ttlSeconds === undefined ? 0 : milliseconds(ttlSeconds);
    const answer = this.#answerFor(key);
    return async () => (await this.#scripts.writeIfAbsent(key, answer, value, ttlMs, answerMs)) === 1;
  }

  compareAndSet(key: string, expected: string, value: string): Send<boolean> {
    const answer = this.#answerFor(key);
    return async () => (await this.#scripts.compareAndSet(key, answer, expected, value, answerMs)) === 1;
  }

  count(counter: string, windowSeconds: number): Send<Count> {
    const answer = this.#answerFor(counter);
    return async () => toCount(await this.#scripts.count(counter, answer, milliseconds(windowSeconds), answerMs));
  }

  remove(keys: readonly string[], isCluster: boolean): Send<number>[] {
    return groupsOf(keys, isCluster).map((group) => {
      const answer = this.#answerFor(group[0] as string);
      return () => this.#scripts.remove(group.length + 1, answer, ...group, answerMs);
    });
  }

  #answerFor(key: string): string {
    this.#calls += 1;
    return nameAnswer(this.#prefix, hashTag(key), `${this.#process}${this.#calls.toString(36)}`);
  }
}
