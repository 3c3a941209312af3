import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';

/** What began and was not closed yet, in that order. */
const opened: Opened[] = [];
type Opened = () => unknown;
interface NoFunction {
  readonly [Symbol.hasInstance]?: never;
}

/**
 * What the tests of a file, or of a `describe`, have in common: it begins before the first of them, and is closed after the
 * last, what began later before what it was made with. To be used in tests and hooks, not where tests are listed.
 */
export function shared<T extends object & NoFunction>(
  begin: () => T | Promise<T>,
  close: (it: T) => unknown = dispose,
  [before, after] = [beforeAll, afterAll],
): T {
  let current: T | undefined;
  let closing: Opened = () => undefined;
  before(async () => {
    const it = await begin();
    current = it;
    closing = () => close(it);
    opened.push(closing);
  });
  after(async () => {
    while (opened.includes(closing)) await opened.pop()?.();
  });
  const get = (name: PropertyKey) => {
    if (current === undefined) throw new Error(`${String(name)} is asked for before it has begun`);
    const value = Reflect.get(current, name);
    // A class that is a member stays what it is.
    return typeof value === 'function' && !value.prototype ? value.bind(current) : value;
  };
  return new Proxy({} as T, {
    get: (_, name) => get(name),
    set: (_, name, value) => Reflect.set(current ?? {}, name, value),
    ownKeys: () => Reflect.ownKeys(current ?? {}),
    getOwnPropertyDescriptor: (_, name) => ({ value: get(name), enumerable: true, configurable: true }),
  });
}

/** The same for what a test would spoil for the next one: it begins before each, and is closed after it. */
export function fresh<T extends object & NoFunction>(
  begin: () => T | Promise<T>,
  close: (it: T) => unknown = dispose,
): T {
  return shared(begin, close, [beforeEach, afterEach]);
}

function dispose(it: Partial<AsyncDisposable> & { close?: unknown }): unknown {
  return typeof it.close === 'function' ? it.close() : it[Symbol.asyncDispose]?.();
}
