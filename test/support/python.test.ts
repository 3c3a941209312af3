import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';

/** Installs when somebody else installs too: each waits until there are two that have begun. */
const slowPython = `#!/bin/sh
case "$*" in
  "-m pip config list") echo "global.index-url='file:///packages'" ;;
  "-m pip install"*)
    while [ "$1" != --target ]; do shift; done
    touch "$2/installed"
    for _ in $(seq 100); do [ "$(ls -d node_modules/.cache/python* | wc -l)" -ge 2 ] && exit 0; sleep 0.1; done
    exit 1 ;;
  *) [ -f "$PYTHONPATH/installed" ] ;;
esac
`;

const directory = mkdtempSync(join(tmpdir(), 'python-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('is found by two files of tests that install its packages at once', async () => {
  const command = join(directory, 'python');
  writeFileSync(command, slowPython);
  chmodSync(command, 0o755);
  const look = `import { findPython } from ${JSON.stringify(resolve('test/support/python.ts'))}; process.exit(findPython() ? 0 : 1);`;
  const looking = [1, 2].map(
    () =>
      new Promise((done) => {
        const args = ['--input-type=module', '--eval', look];
        const env = { ...process.env, PYTHON: command, NODE_OPTIONS: '' };
        spawn(process.execPath, args, { cwd: directory, env }).on('exit', done);
      }),
  );
  expect(await Promise.all(looking)).toEqual([0, 0]);
  expect(readdirSync(join(directory, 'node_modules/.cache'))).toEqual(['python']);
});
