import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/clock.ts';
import { type Connections, createConnections, createRevocations } from '../../src/connections/index.ts';
import {
  createRecordNames,
  createVault,
  type RecordNames,
  type Store,
  StoreUnavailable,
} from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { days } from '../support/clock.ts';
import { aConnection } from './a-connection.ts';

const names: RecordNames = createRecordNames('', createVault('a secret that only tests may know'));
const toGlobex = { organizationId: 'org_globex', scopes: ['project:read'] };

let store: Store;
beforeEach(async () => {
  store = createSqliteStore(':memory:');
  await over(store).begin(aConnection(), days(1));
});
afterEach(() => store.close());

function over(kept: Store): Connections {
  const revocations = createRevocations({ store: kept, names, accessTokenTtl: 3600, clock: systemClock });
  const onChanged = revocations.connectionChanged;
  return createConnections({ store: kept, names, revocations, onEnded: () => undefined, onChanged });
}

async function told() {
  return (await store.readFeed(names.revocations(), undefined, 1000)).map(({ entry }) => JSON.parse(entry));
}

/** The same store, where something comes before these methods. */
function withBefore(names: readonly (keyof Store)[], before: () => Promise<void>): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name).bind(target);
      if (!names.includes(name as keyof Store)) return method;
      return async (...given: unknown[]) => {
        await before();
        return method(...given);
      };
    },
  });
}

/** The store of a process that ends at its n-th write. */
function dying(after: number): Store {
  let writes = 0;
  return withBefore(['append', 'compareAndSet', 'enlist', 'unlist', 'write'], async () => {
    writes += 1;
    if (writes > after) throw new StoreUnavailable('the process is gone');
  });
}

describe('a change of a connection', () => {
  it.each([0, 1, 2, 3])(
    'after which the process dies at its write number %d is nothing that the gateways do not know of',
    async (writes) => {
      await expect(over(dying(writes)).change('grant-of-ada', toGlobex)).rejects.toThrow(StoreUnavailable);

      const isChanged = (await over(store).find('grant-of-ada'))?.organizationId === 'org_globex';
      if (isChanged) expect(await told()).toMatchObject([{ kind: 'change', organizationId: 'org_globex' }]);
    },
  );

  it('that could not be told is none, and the same one again is told', async () => {
    const mute = withBefore(['append'], () => Promise.reject(new StoreUnavailable('no feed')));
    await expect(over(mute).change('grant-of-ada', toGlobex)).rejects.toThrow(StoreUnavailable);
    expect(await over(store).find('grant-of-ada')).toEqual(aConnection());

    await over(store).change('grant-of-ada', toGlobex);
    expect(await told()).toMatchObject([{ id: 'grant-of-ada', organizationId: 'org_globex' }]);
  });

  it('that was made, but perhaps not told in time, is told again when it is made again', async () => {
    await over(store).change('grant-of-ada', toGlobex);
    await over(store).change('grant-of-ada', toGlobex);
    expect(await told()).toHaveLength(2);
  });

  it('is told once more when the store takes so long that a token may have been issued meanwhile', async () => {
    await over(withBefore(['compareAndSet'], () => delay(1100))).change('grant-of-ada', toGlobex);
    expect(await told()).toHaveLength(2);
  });
});
