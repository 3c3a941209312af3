import { operationNames } from './operations.ts';
import type { Ratio, Result, Row } from './result.ts';
import type { Spread } from './statistics.ts';
import { subjectNames } from './subject.ts';

/** The result for people: Markdown, which reads well on a terminal too. */
export function renderReport({ machine, rows, ratios }: Result): string {
  const measuredOperations = operationNames.filter((name) => rows.some(({ operation }) => operation === name));
  return [
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(' · '),
    '',
    ...table(
      [
        'operation',
        'server',
        'per second (min–max)',
        'p50 ms',
        'p99 ms',
        'CPU ms (min–max)',
        'Redis commands',
        'in scripts',
      ],
      measuredOperations.flatMap((operation) => subjectNames.map((subject) => measured(rows, operation, subject))),
    ),
    '',
    ...table(
      ['operation', 'ratio', 'per second (min–max)', 'CPU (min–max)', 'Redis commands'],
      ratios.map(({ operation, over, under, perSecond, cpu, redis }: Ratio) => [
        operation,
        `${over} ÷ ${under}`,
        spread(perSecond, 2),
        spread(cpu, 2),
        redis.toFixed(2),
      ]),
    ),
    '',
    'Redis commands of one operation',
    ...rows.map(({ operation, subject, redis }) => `  ${operation}, ${subject}: ${names(redis.names)}`),
    '',
  ].join('\n');
}

function measured(rows: readonly Row[], operation: string, subject: string): string[] {
  const row = rows.find((each) => each.operation === operation && each.subject === subject);
  if (!row) return [operation, subject, '–', '–', '–', '–', '–', '–'];
  const { perSecond, p50Ms, p99Ms, cpuMs, redis } = row;
  const commands = [redis.client, redis.script].map((count) => String(Number(count.toFixed(1))));
  const times = [p50Ms.toFixed(1), p99Ms.toFixed(1), spread(cpuMs, 2)];
  return [operation, subject, spread(perSecond, 0), ...times, ...commands];
}

function spread({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

function names(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${Number(count.toFixed(1))}`)
    .join(', ');
}

function table(head: string[], body: string[][]): string[] {
  const widths = head.map((title, column) =>
    Math.max(...[head, ...body].map((row) => row[column]?.length ?? 0), title.length),
  );
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}
