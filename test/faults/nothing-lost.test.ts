import { describe, it } from '@jest/globals';
import { aroundRedis, scenarios } from './lab/scenarios.ts';
import { expectNothingLost, shortTimeoutMs } from './lab/short.ts';
import { mayMount } from './lab/small-disk.ts';

describe('while tools connect and renew, nothing is lost that one was told about, when', () => {
  it(
    'a server and Redis are killed, Redis is stopped, full, and cuts everybody off',
    async () => void (await expectNothingLost(aroundRedis.scenario, aroundRedis.faults)),
    shortTimeoutMs,
  );

  (mayMount ? it : it.skip)(
    'the disk under SQLite is full (skipped where no small disk can be mounted: only root may)',
    async () => void (await expectNothingLost(scenarios['full-disk'])),
    shortTimeoutMs,
  );

  it(
    'the clocks of three servers are 20 s apart (R124)',
    async () => void (await expectNothingLost(scenarios.clocks)),
    shortTimeoutMs,
  );
});
