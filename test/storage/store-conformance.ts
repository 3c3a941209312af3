import { afterAll, beforeAll, describe } from '@jest/globals';
import { advancePromises } from './store-advance-promises.ts';
import { feedPromises } from './store-feed-promises.ts';
import { lifetimePromises } from './store-lifetime-promises.ts';
import { listPromises } from './store-list-promises.ts';
import { recordPromises } from './store-record-promises.ts';
import { setPromises } from './store-set-promises.ts';
import { sharedPromises } from './store-shared-promises.ts';
import { takePromises } from './store-take-promises.ts';
import type { StoreUnderTest } from './store-under-test.ts';

/** The promises of the port, against one implementation. Every test keeps to keys of its own. */
export function aStore(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let current: StoreUnderTest | undefined;
    const underTest = () => {
      if (!current) throw new Error('the store is created before the tests');
      return current;
    };

    beforeAll(async () => {
      current = await create();
    });
    afterAll(async () => {
      await current?.[Symbol.asyncDispose]();
    });

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
