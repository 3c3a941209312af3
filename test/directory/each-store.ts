import { beforeEach } from '@jest/globals';
import { onEachStore as onEachEmptyStore } from '../support/each-store.ts';
import { aStorage } from './a-directory.ts';

/** The same specification on both stores; each test begins with an empty one. */
export function onEachStore(specify: (storage: () => ReturnType<typeof aStorage>) => void): void {
  onEachEmptyStore((current) => {
    let storage: ReturnType<typeof aStorage>;
    beforeEach(() => {
      storage = aStorage(current().store, current().prefix);
    });
    specify(() => storage);
  });
}
