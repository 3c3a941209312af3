import { parseArgs } from 'node:util';
import { type OperationName, operationNames } from './operations.ts';
import { people } from './people.ts';

export interface Options {
  /** Clients that each wait for their answer before they ask again. */
  readonly concurrency: number;
  /** How often each subject has its turn at each operation. */
  readonly rounds: number;
  /** A turn ends at whichever comes first: this time, or this many operations. */
  readonly turnSeconds: number;
  readonly operations: number;
  /** Before the first turn, uncounted: until then the compiler of V8 would be measured. */
  readonly warmUpSeconds: number;
  readonly only: readonly OperationName[];
  readonly json: boolean;
  /** Where each subject leaves a CPU profile; timings of such a run mean nothing. */
  readonly profile: string | undefined;
}

export const usage = `npm run bench -- [options]
  --quick             two short rounds: to see that it runs, not to quote
  --rounds N          turns of each subject at each operation
  --operations N      at most so many operations a turn
  --concurrency N     clients at once, at most ${people}
  --only OPERATION    ${operationNames.join(', ')}; may be repeated
  --json              the result as JSON instead of tables
  --profile FOLDER    each server leaves a V8 CPU profile there`;

export function parseOptions(parameters: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      operations: { type: 'string' },
      concurrency: { type: 'string' },
      only: { type: 'string', multiple: true, default: [...operationNames] },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const unknown = values.only.filter((name) => !operationNames.some((known) => known === name));
  if (unknown.length > 0) throw new TypeError(`--only is one of: ${operationNames.join(', ')}`);
  const pace = values.quick
    ? { rounds: 2, turnSeconds: 0.8, warmUpSeconds: 0.4 }
    : { rounds: 6, turnSeconds: 1.8, warmUpSeconds: 4 };
  return {
    ...pace,
    // Whoever names a number of operations wants all of them; this bound is for a server that does not answer.
    turnSeconds: values.operations === undefined ? pace.turnSeconds : 30,
    rounds: count('--rounds', values.rounds, pace.rounds, 20),
    operations: count('--operations', values.operations, 10_000, 100_000),
    concurrency: count('--concurrency', values.concurrency, 8, people),
    only: operationNames.filter((name) => values.only.includes(name)),
    json: values.json,
    profile: values.profile,
  };
}

function count(name: string, text: string | undefined, otherwise: number, max: number): number {
  const number = Number(text ?? otherwise);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new TypeError(`${name} is a whole number from 1 to ${max}`);
}
