import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { closing } from '../support/closing.ts';
import { anew } from '../support/shared.ts';
import { temporaryFolder } from '../support/spawned-server.ts';

type Child = ChildProcessByStdio<Writable, Readable, null>;

const program = fileURLToPath(new URL('./store-child.ts', import.meta.url));

describe('the SQLite store, shared by processes', () => {
  const folder = anew(temporaryFolder);
  const file = () => join(folder.path, 'auth.db');

  it.each([50, 200, 500])(
    'loses nothing that it acknowledged to a process that is killed after %d writes',
    async (enough) => {
      const child = start(file(), 'write');
      let acknowledged = -1;
      createInterface(child.stdout).on('line', (line) => {
        acknowledged = Number(line);
        if (acknowledged === enough) child.kill('SIGKILL');
      });
      await once(child, 'close');

      await using store = closing(createSqliteStore(file()));
      expect(acknowledged).toBeGreaterThanOrEqual(enough);
      for (let n = 0; n <= acknowledged; n++) {
        expect(await store.read(`written:${n}`)).toEqual({ value: `{"n":${n}}`, takenAt: expect.any(Number) });
      }
    },
  );

  it('keeps its promises between three that start on a new file at once', async () => {
    const children = [1, 2, 3].map(() => start(file(), 'race'));
    const outputs = children.map((child) => createInterface(child.stdout));
    await Promise.all(outputs.map((output) => once(output, 'line')));
    await using store = closing(createSqliteStore(file()));
    for (let n = 0; n < 300; n++) await store.write(`race:${n}`, '{}', 3600);

    const taken: string[] = [];
    for (const output of outputs) output.on('line', (line) => taken.push(line));
    for (const child of children) child.stdin.write('go\n');
    const ends = await Promise.all(children.map((child) => once(child, 'close')));

    expect(ends.map(([code]) => code)).toEqual([0, 0, 0]);
    expect(taken.sort()).toEqual(Array.from({ length: 300 }, (_, n) => `taken ${n}`).sort());
    expect((await store.readCount('counted')).count).toBe(900);
    expect(await store.members('members')).toHaveLength(900);
  });
});

function start(file: string, formAction: string): Child {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, file, formAction], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}
