import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const run = promisify(execFile);

/** Both belong to every test run: what the compiler and the linter know is part of the specification. */
it.each([
  ['types are sound', 'node_modules/.bin/tsc', ['--noEmit']],
  [
    'code is formatted and lint is clean',
    'node_modules/.bin/biome',
    ['ci', '--colors=off', '--error-on-warnings', '.'],
  ],
])(
  '%s',
  async (_name, command, parameters) => {
    const result = await run(command, parameters).catch((error) => error);
    expect({ code: result.code ?? 0, output: result.code ? `${result.stdout}${result.stderr}` : '' }).toEqual({
      code: 0,
      output: '',
    });
  },
  300_000,
);
