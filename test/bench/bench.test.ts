import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderReport } from '../../bench/report.ts';
import type { Result } from '../../bench/result.ts';

const run = promisify(execFile);

/** Under a temporary folder of its own, so that what stays behind is seen. */
async function bench(...parameters: string[]) {
  const script = ['--disable-warning=ExperimentalWarning', 'bench/run.ts', ...parameters];
  return run(process.execPath, script, { env: { ...process.env, TMPDIR: folder } });
}

let folder: string;
let result: Result;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
  const { stdout } = await bench('--quick', '--rounds', '1', '--operations', '20', '--json');
  result = JSON.parse(stdout);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const measured = [
  { operation: 'refresh', subject: 'ours' },
  { operation: 'refresh', subject: 'bare' },
  { operation: 'refresh', subject: 'floor' },
  { operation: 'flow', subject: 'ours' },
  { operation: 'flow', subject: 'bare' },
  { operation: 'registration', subject: 'ours' },
  { operation: 'registration', subject: 'bare' },
  { operation: 'registration', subject: 'floor' },
];

describe('the benchmark', () => {
  it.each(measured)('completes every $operation against $subject', ({ operation, subject }) => {
    const row = result.rows.find((each) => each.operation === operation && each.subject === subject);

    expect(row).toMatchObject({ operations: 20 });
    expect(row?.redis.client).toBeGreaterThanOrEqual(1);
  });

  it('compares ours with bare, and the floor with ours', () => {
    const pairs = result.ratios.map(({ operation, over, under }) => `${operation}: ${over} ÷ ${under}`);
    expect(pairs).toEqual([
      'refresh: ours ÷ bare',
      'refresh: floor ÷ ours',
      'flow: ours ÷ bare',
      'registration: ours ÷ bare',
      'registration: floor ÷ ours',
    ]);
  });

  it('shows a line for each operation of each server, and a dash where there is nothing to measure', () => {
    const report = renderReport(result);
    for (const { operation, subject } of measured) {
      expect(report).toMatch(new RegExp(`^\\| ${operation} +\\| ${subject} +\\| \\d+ \\(`, 'm'));
    }
    expect(report).toMatch(/^\| flow +\| floor +\| – /m);
  });

  it('says on what it measured', () => {
    expect(result.machine).toMatchObject({ processors: expect.any(Number), node: process.version });
  });

  it('leaves nothing behind', async () => {
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a load without bounds', async () => {
    await expect(bench('--operations', '0')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--operations is a whole number from 1 to'),
    });
  });
});
