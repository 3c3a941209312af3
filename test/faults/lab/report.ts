import { availableParallelism, cpus } from 'node:os';
import type { Row } from './scenario.ts';

export interface Report {
  readonly seed: number;
  readonly machine: string;
  readonly rows: readonly Row[];
}

export const describeMachine = () =>
  `processors ${availableParallelism()} · ${cpus()[0]?.model.trim() ?? 'unknown'} · node ${process.version}`;

/** For people, and for the README: Markdown. */
export function renderReport({ seed, machine, rows }: Report): string {
  const head = [
    'what happens',
    'how often',
    'connections lost',
    'second lines',
    'requests',
    'of them failed, and were sent again',
    'told to start again',
    'longest answer',
  ];
  const cells = rows.map((row) => [
    row.scenario,
    `${row.faults}`,
    `${row.lost} of ${row.connections}`,
    `${row.secondFamilies}`,
    `${row.requests}`,
    `${row.failed}`,
    `${row.startedAgain}`,
    `${(row.longestMs / 1000).toFixed(1)} s`,
  ]);
  const line = (each: readonly string[]) => `| ${each.join(' | ')} |`;
  const table = [head, head.map(() => '---'), ...cells].map(line);
  return [`${machine} · seed ${seed}`, '', ...table, ''].join('\n');
}
