import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Store, StoreUnavailable } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { days } from '../support/clock.ts';
import { aConnection, connectionsOver, dyingAfter, toldOf, withBefore } from './a-connection.ts';

const toGlobex = { organizationId: 'org_globex', scopes: ['project:read'] };

let store: Store;
beforeEach(async () => {
  store = createSqliteStore(':memory:');
  await over(store).begin(aConnection(), days(1));
});
afterEach(() => store.close());

const over = (kept: Store) => connectionsOver(kept).connections;
const change = (by: Store) => over(by).change('grant-of-ada', toGlobex);

describe('a change of a connection', () => {
  it.each([0, 1, 2, 3])(
    'after which the process dies at its write number %d is nothing that the gateways do not know of',
    async (writes) => {
      const dying = dyingAfter(writes, store, ['append', 'compareAndSet', 'enlist', 'unlist', 'write']);
      await expect(change(dying)).rejects.toThrow(StoreUnavailable);

      const isChanged = (await over(store).find('grant-of-ada'))?.organizationId === 'org_globex';
      if (isChanged) expect(await toldOf(store)).toMatchObject([{ kind: 'change', organizationId: 'org_globex' }]);
    },
  );

  it('that could not be told is none, and the same one again is told', async () => {
    const mute = withBefore(store, ['append'], () => Promise.reject(new StoreUnavailable('no feed')));
    await expect(change(mute)).rejects.toThrow(StoreUnavailable);
    expect(await over(store).find('grant-of-ada')).toEqual(aConnection());

    await change(store);
    expect(await toldOf(store)).toMatchObject([{ id: 'grant-of-ada', organizationId: 'org_globex' }]);
  });

  it('that was made, but perhaps not told in time, is told again when it is made again', async () => {
    await change(store);
    await change(store);
    expect(await toldOf(store)).toHaveLength(2);
  });

  it('is told once more when the store takes so long that a token may have been issued meanwhile', async () => {
    await change(withBefore(store, ['compareAndSet'], () => delay(1100)));
    expect(await toldOf(store)).toHaveLength(2);
  });
});
