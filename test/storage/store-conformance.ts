import { describe } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { advancePromises, sharedPromises } from './store-advance-promises.ts';
import { listPromises, setPromises } from './store-collection-promises.ts';
import { feedPromises } from './store-feed-promises.ts';
import { lifetimePromises, recordPromises } from './store-record-promises.ts';
import { takePromises } from './store-take-promises.ts';
import type { OpenedStore, StoreUnderTest } from './store-under-test.ts';

/** The promises of the port, against one implementation. Every test keeps to keys of its own. */
export function aStore(name: string, create: () => Promise<OpenedStore>): void {
  describe(name, () => {
    const current = shared(create);
    const [one, other] = (['one', 'other'] as const).map((which) =>
      shared(
        () => current[which],
        () => undefined,
      ),
    ) as [StoreUnderTest['one'], StoreUnderTest['other']];
    const underTest: StoreUnderTest = {
      one,
      other,
      expectLifetime: (key, seconds, isThere = async () => (await one.read(key)) !== undefined) =>
        current.expectLifetime(key, seconds, isThere),
      pass: (seconds) => current.pass(seconds),
      textOf: (key) => current.textOf(key),
    };

    recordPromises(underTest);
    lifetimePromises(underTest);
    setPromises(underTest);
    listPromises(underTest);
    takePromises(underTest);
    advancePromises(underTest);
    sharedPromises(underTest);
    feedPromises(underTest);
  });
}
