import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/clock.ts';
import { createRevocationFeed, createRevocations, type RevocationFeed } from '../../src/connections/index.ts';
import { createRecordNames, createVault, type Store } from '../../src/storage/index.ts';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { startRedis } from '../support/redis.ts';
import { shared } from '../support/shared.ts';

const names = createRecordNames('', createVault('a secret that only tests may know'));
/** Longer than any test: whatever is told is told because it happened, and not because it was time for a sign of life. */
const silenceMs = 24 * 60 * 60 * 1000;

const redis = shared(startRedis);

const onRedis = () => createRedisStore({ connection: { kind: 'single', url: redis.url } });

/** Waits for what comes after everything that is known. */
async function nextOf(batches: ReturnType<RevocationFeed['follow']>): Promise<string[]> {
  const { value } = await batches.next();
  return (value?.entries ?? []).map(({ entry }) => JSON.parse(entry).id);
}

describe('a revocation', () => {
  it.each<[string, () => [Store, Store]]>([
    ['at another node, over Redis', () => [onRedis(), onRedis()]],
    [
      'at this node, on SQLite',
      () => {
        const store = createSqliteStore(':memory:');
        return [store, store];
      },
    ],
  ])('%s reaches whoever follows without any sign of life in between', async (_where, open) => {
    const [here, there] = open();
    const feed = createRevocationFeed({ store: here, names, silenceMs });
    // Ends in vain, if it must, before the test is cut off.
    const batches = feed.follow(undefined, AbortSignal.timeout(60_000));
    expect(await nextOf(batches)).toEqual([]);

    const told: string[] = [];
    const ended = ['grant-1', 'grant-2', 'grant-3'];
    for (const id of ended) {
      const next = nextOf(batches);
      await createRevocations({ store: there, names, accessTokenTtl: 3600, clock: systemClock }).connectionEnded(
        { id, resource: 'https://api.example.com/mcp' },
        'signed out',
      );
      told.push(...(await next));
    }
    feed.close();
    await batches.return();
    await Promise.all([here.close(), there.close()]);
    expect(told).toEqual(ended);
  });
});
