import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { killStartedProcesses } from '../../support/spawned-server.ts';
import { describeMachine, renderReport } from './report.ts';
import type { Extent, Row, Runnable } from './scenario.ts';
import { scenarios } from './scenarios.ts';

const usage = `npm run faults -- [options]
  --seconds N       for so long things break in each row (40)
  --tools N         so many tools are at work (6)
  --seed N          the decisions of an earlier run
  --only NAME       one row, may be repeated: ${Object.keys(scenarios).join(', ')}
  --json            the rows as JSON instead of a table`;

const all = Object.entries(scenarios);

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '40' },
      tools: { type: 'string', default: '6' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      only: { type: 'string', multiple: true, default: Object.keys(scenarios) },
      json: { type: 'boolean', default: false },
    },
  });
  const count = (name: 'seconds' | 'tools' | 'seed', most: number) => {
    const number = Number(values[name]);
    if (Number.isInteger(number) && number >= 1 && number <= most) return number;
    throw new TypeError(`--${name} is a whole number from 1 to ${most}`);
  };
  const unknown = values.only.filter((name) => !Object.hasOwn(scenarios, name));
  if (unknown.length > 0) throw new TypeError(`there is no ${unknown.join(', ')}`);
  const extent = { seconds: count('seconds', 600), tools: count('tools', 32), seed: count('seed', 2 ** 31) };
  return { ...extent, json: values.json, chosen: all.filter(([name]) => values.only.includes(name)) };
}

type Options = ReturnType<typeof readOptions>;

/** Breaks one thing after the other under load; exits with 1 when anything was lost. README.md shows what it says. */
async function breakEverything({ chosen, json, ...extent }: Options): Promise<boolean> {
  const machine = describeMachine();
  process.stderr.write(`seed ${extent.seed}\n`);
  const rows: Row[] = [];
  const wrong: string[] = [];
  for (const [name, scenario] of chosen) {
    if (!scenario.isPossible) {
      process.stderr.write(`${name}: left out, only root may mount a small disk\n`);
      continue;
    }
    const { row, found } = await breakOnce(scenario, extent);
    if (row) rows.push(row);
    wrong.push(...found.map((complaint) => `${name}: ${complaint}`));
    process.stderr.write(
      row ? `${name}: ${row.lost} of ${row.connections} lost, ${row.seconds} s\n` : `${name}: given up\n`,
    );
    for (const each of found) process.stderr.write(`  ${each}\n`);
  }
  const report = { seed: extent.seed, machine, rows, wrong };
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report));
  return wrong.length === 0;
}

/** What does not come to an end is a fault as well, and the others are tried all the same. */
async function breakOnce(scenario: Runnable, extent: Omit<Extent, 'faults'>): Promise<{ row?: Row; found: string[] }> {
  try {
    const row = await scenario.run({ ...extent, faults: Number.POSITIVE_INFINITY });
    return { row, found: [...scenario.complaints(row), ...scenario.slowness(row)] };
  } catch (error) {
    return { found: [(error as Error).message] };
  }
}

function optionsOrUsage(): Options {
  try {
    return readOptions();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
    process.exit(2);
  }
}

process.once('exit', killStartedProcesses);
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

process.exit((await breakEverything(optionsOrUsage())) ? 0 : 1);
