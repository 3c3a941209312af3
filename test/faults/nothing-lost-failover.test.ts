import { expect, it } from '@jest/globals';
import { scenarios } from './lab/scenarios.ts';
import { expectNothingLost, shortTimeoutMs } from './lab/short.ts';

it.each(['sentinel', 'cluster'] as const)(
  'nothing is lost that a tool was told about when a primary is killed: %s',
  async (name) => void (await expectNothingLost(scenarios[name])),
  shortTimeoutMs,
);

it(
  'a rolling restart of two servers fails no request, behind a balancer that never tries again (R118)',
  async () => expect((await expectNothingLost(scenarios.restarts)).failed).toBe(0),
  shortTimeoutMs,
);
