import { expect, it } from '@jest/globals';
import { killStartedProcesses } from '../support/spawned-server.ts';
import { runnable } from './lab/scenario.ts';
import { shortTimeoutMs } from './lab/short.ts';
import { loneRedis } from './lab/stores.ts';

it(
  'what is lost is found: a Redis that forgets everything',
  async () => {
    const forgetting = runnable({
      name: 'FLUSHALL',
      store: loneRedis,
      deployment: { clocks: [0] },
      fault: async ({ store }) => void (await store.operator.flushall()),
      pause: [2000, 2000],
    });
    const extent = { seed: 9, tools: 2, faults: 1, seconds: 60 };
    const row = await forgetting.run(extent).finally(killStartedProcesses);
    expect(row.lost).toBeGreaterThan(0);
    expect(forgetting.complaints(row)).toContain(`${row.lost} of ${row.connections} connections are lost`);
    const late = { ...row, longest: 'GET /mcp/oauth/jwks: 200', longestMs: row.stalledMs + 3001 };
    expect(forgetting.slowness(late)).toEqual([`GET /mcp/oauth/jwks: 200 took ${late.longestMs} ms`]);
    expect(forgetting.slowness({ ...late, longestMs: row.stalledMs + 3000 })).toEqual([]);
  },
  shortTimeoutMs,
);
