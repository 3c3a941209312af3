import { runLoad } from './load.ts';
import { canDo, type Operation, type OperationName, operations } from './operations.ts';
import type { Options } from './options.ts';
import { countRedisCommands, type RedisCommands } from './redis-commands.ts';
import type { Subject, SubjectName } from './subject.ts';

export interface Turn {
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
  readonly cpuMs: number;
}

/** All turns of one subject at one operation, by round. */
export interface Measurement {
  readonly operation: OperationName;
  readonly subject: SubjectName;
  readonly turns: Turn[];
  readonly redis: RedisCommands;
}

const commandSample = 10; // operations; their commands hardly differ

interface Contender {
  readonly subject: Subject;
  readonly clients: readonly Operation[];
  readonly measurement: Measurement;
}

/** Operation by operation; within one, the subjects take turns, each round beginning with another one. */
export async function measureAll(subjects: readonly Subject[], redisPort: number, options: Options) {
  const measurements: Measurement[] = [];
  for (const operation of options.only) {
    const contenders: Contender[] = [];
    for (const subject of subjects.filter((each) => canDo(each, operation))) {
      contenders.push(await getReady(subject, operation, redisPort, options));
    }
    for (let round = 0; round < options.rounds; round += 1) {
      // Whatever else the machine does meanwhile hits all of them alike.
      for (const contender of rotate(contenders, round)) await takeTurn(contender, options);
    }
    measurements.push(...contenders.map(({ measurement }) => measurement));
  }
  return measurements;
}

async function getReady(
  subject: Subject,
  operation: OperationName,
  redisPort: number,
  { concurrency, warmUpSeconds, operations: most }: Options,
): Promise<Contender> {
  const clients: Operation[] = [];
  const blame = (cause: unknown) => Promise.reject(new Error(`${operation}, ${subject.name}`, { cause }));
  for (let person = 0; person < concurrency; person += 1) {
    const operate = await operations[operation](subject, person).catch(blame);
    clients.push(() => operate().catch(blame));
  }
  await runLoad(clients, { seconds: warmUpSeconds, operations: most });
  const one = clients[0] as Operation;
  const redis = await countRedisCommands(redisPort, commandSample, one);
  return { subject, clients, measurement: { operation, subject: subject.name, turns: [], redis } };
}

async function takeTurn({ subject, clients, measurement }: Contender, { turnSeconds, operations: most }: Options) {
  const before = await subject.cpuMs();
  const { seconds, latenciesMs } = await runLoad(clients, { seconds: turnSeconds, operations: most });
  const cpuMs = (await subject.cpuMs()) - before;
  measurement.turns.push({ perSecond: latenciesMs.length / seconds, latenciesMs, cpuMs });
}

function rotate<T>(list: readonly T[], by: number): T[] {
  const from = by % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}
