import { availableParallelism, cpus, loadavg } from 'node:os';
import { type OperationName, operationNames } from './operations.ts';
import type { RedisCommands } from './redis-commands.ts';
import { percentile, type Spread, spreadOf } from './statistics.ts';
import type { SubjectName } from './subject.ts';
import type { Measurement } from './turns.ts';

export interface Row {
  readonly operation: OperationName;
  readonly subject: SubjectName;
  readonly operations: number;
  readonly perSecond: Spread;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMs: Spread;
  readonly redis: RedisCommands;
}

/** `over` to `under`, round by round, so that what slowed a whole round down cancels out. */
export interface Ratio {
  readonly operation: OperationName;
  readonly over: SubjectName;
  readonly under: SubjectName;
  readonly perSecond: Spread;
  readonly cpu: Spread;
  readonly redis: number;
}

export interface Result {
  readonly machine: Record<string, string | number>;
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
}

export function describeMachine(redisVersion: string): Result['machine'] {
  return {
    processors: availableParallelism(),
    model: cpus()[0]?.model.trim() || 'unknown',
    node: process.version,
    redis: redisVersion,
    loadBefore: Number(loadavg()[0]?.toFixed(2)),
  };
}

export function summarise(machine: Result['machine'], measurements: readonly Measurement[]): Result {
  return { machine, rows: measurements.map(toRow), ratios: operationNames.flatMap((name) => ratiosOf(name)) };

  function ratiosOf(operation: OperationName): Ratio[] {
    const find = (name: SubjectName) =>
      measurements.find((each) => each.operation === operation && each.subject === name);
    const [ours, bare, floor] = [find('ours'), find('bare'), find('floor')];
    const pairs = [
      [ours, bare],
      [floor, ours],
    ] as const;
    return pairs.flatMap(([over, under]) => (over && under ? [compare(over, under)] : []));
  }
}

function toRow({ operation, subject, turns, redis }: Measurement): Row {
  const latencies = turns.flatMap(({ latenciesMs }) => latenciesMs);
  return {
    operation,
    subject,
    operations: latencies.length,
    perSecond: spreadOf(turns.map(({ perSecond }) => perSecond)),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    cpuMs: spreadOf(turns.map(cpuPerOperation)),
    redis,
  };
}

function compare(over: Measurement, under: Measurement): Ratio {
  const byRound = (value: (turn: Measurement['turns'][number]) => number) =>
    spreadOf(over.turns.map((turn, round) => value(turn) / value(under.turns[round] as typeof turn)));
  return {
    operation: over.operation,
    over: over.subject,
    under: under.subject,
    perSecond: byRound(({ perSecond }) => perSecond),
    cpu: byRound(cpuPerOperation),
    redis: over.redis.client / under.redis.client,
  };
}

function cpuPerOperation({ cpuMs, latenciesMs }: Measurement['turns'][number]): number {
  return cpuMs / latenciesMs.length;
}
