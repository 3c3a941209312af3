import { expect } from '@jest/globals';
import { killStartedProcesses } from '../../support/spawned-server.ts';
import type { Row, Runnable } from './scenario.ts';

/**
 * The short form of `npm run faults`: a few tools, and each thing breaks once. How many were connected meanwhile, and how
 * long an answer took beside all other tests, is up to the machine; that none of them is lost is not.
 */
export async function expectNothingLost(scenario: Runnable, faults = 1): Promise<Row> {
  const row = await scenario.run({ seed: 9, tools: 3, faults, seconds: 240 }).finally(killStartedProcesses);
  expect(scenario.complaints(row)).toEqual([]);
  expect([row.faults, row.lost, row.secondFamilies]).toEqual([faults, 0, 0]);
  return row;
}

/** For a machine on which everything takes its time. */
export const shortTimeoutMs = 300_000;
