import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { StoreUnavailable } from '../../src/storage/store-unavailable.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { createTestClock } from '../support/clock.ts';
import { closing, operatorOf } from '../support/closing.ts';
import { untilDone } from '../support/eventually.ts';
import { freePort, startRedis } from '../support/redis.ts';
import { shared } from '../support/shared.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('a feed in Redis', () => {
  const server = shared(startRedis);
  const observer = shared(
    () => operatorOf(server),
    (it) => it.disconnect(),
  );
  const store = shared(() => createRedisStore({ connection: { kind: 'single', url: server.url } }));

  it('lets go of what is too old when something is added, by the clock of Redis', async () => {
    const minuteAgo = Date.now() - 60_000;
    await observer.xadd('feed:trim', `${minuteAgo - 30_000}-1`, 'entry', '{"n":1}');
    await observer.xadd('feed:trim', `${minuteAgo + 30_000}-1`, 'entry', '{"n":2}');
    await store.append('feed:trim', '{"n":3}', 60);
    const kept = await store.readFeed('feed:trim', undefined, 10);
    expect(kept.map(({ entry }) => entry)).toEqual(['{"n":2}', '{"n":3}']);
  });

  it('has cursors of its own clock, however wrong that of the writer is', async () => {
    const days400 = 400 * 86_400;
    const early = appendElsewhere(server.url, days400);
    const late = appendElsewhere(server.url, -days400);
    expect(await store.readFeed('feed:clock', early, 10)).toEqual([{ cursor: late, entry: '{"n":1}' }]);
  });

  it('needs one connection for each that waits at once, and none for those that came back', async () => {
    const connections = async () => Number(/connected_clients:(\d+)/.exec(await observer.info('clients'))?.[1]);
    const waitTwice = () =>
      Promise.all([store.waitForEntry('feed:count', undefined), store.waitForEntry('feed:count', undefined)]);
    await waitTwice();
    const before = await connections();
    await waitTwice();
    expect(await connections()).toBe(before);
  });
});

it('waiting for a feed ends with StoreUnavailable when Redis goes away, and goes on when it is back', async () => {
  const port = await freePort();
  const first = await startRedis({ port });
  await using store = closing(createRedisStore({ connection: { kind: 'single', url: first.url } }));
  await store.ping();
  const refused = expect(store.waitForEntry('feed', undefined)).rejects.toThrow(StoreUnavailable);
  await first.kill();
  await refused;
  await using _second = await startRedis({ port });
  await untilDone(() => store.ping());
  await Promise.all([store.waitForEntry('feed', undefined), store.append('feed', '{"n":1}', 60)]);
  expect(await store.readFeed('feed', undefined, 10)).toHaveLength(1);
});

describe('a feed in SQLite', () => {
  it('lets go of what is too old when something is added', async () => {
    const { clock, pass } = createTestClock();
    await using store = closing(createSqliteStore(':memory:', clock));
    for (const n of [1, 2, 3]) {
      await store.append('feed', `{"n":${n}}`, 60);
      pass(40);
    }
    expect((await store.readFeed('feed', undefined, 10)).map(({ entry }) => entry)).toEqual(['{"n":3}']);
  });

  it('has cursors that never go back, although the clock does and every entry is gone', async () => {
    const { clock, pass } = createTestClock();
    await using store = closing(createSqliteStore(':memory:', clock));
    const first = await store.append('feed', '{"n":1}', 60);
    pass(61);
    await store.append('another', '{"n":2}', 1);
    pass(-86_461);
    const second = await store.append('feed', '{"n":3}', 60);
    expect(Number(second)).toBeGreaterThan(Number(first));
    expect((await store.readFeed('feed', first, 10)).map(({ entry }) => entry)).toEqual(['{"n":3}']);
  });

  it('does not keep anyone waiting on a store that is closed', async () => {
    const store = createSqliteStore(':memory:');
    const refused = expect(store.waitForEntry('feed', undefined)).rejects.toThrow(StoreUnavailable);
    await store.close();
    await refused;
  });
});

/** By a process whose clock is so many seconds off; the cursor of it. */
function appendElsewhere(url: string, secondsOff: number): string {
  const script = `
    import { createRedisStore } from './src/storage/redis/index.ts';
    const store = createRedisStore({ connection: { kind: 'single', url: '${url}' } });
    process.stdout.write(await store.append('feed:clock', '{"n":1}', 60));
    await store.close();`;
  const flags = ['--import=./test/support/shifted-clock.mjs', '--input-type=module-typescript', '--no-warnings'];
  const options = { cwd: root, env: { ...childEnvironment, CLOCK_SHIFT: String(secondsOff) } };
  return execFileSync(process.execPath, [...flags, '--eval', script], options).toString();
}
