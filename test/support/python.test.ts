import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { childEnvironment } from './child-environment.ts';
import { temporaryFolder } from './spawned-server.ts';

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

const look = `import { findPython } from ${JSON.stringify(resolve('test/support/python.ts'))}; process.exit(findPython() ? 0 : 1);`;

it('is found by two files of tests that install its packages at once', async () => {
  await using folder = await temporaryFolder();
  const command = join(folder.path, 'python');
  writeFileSync(command, slowPython, { mode: 0o755 });
  const options = { cwd: folder.path, env: { ...childEnvironment, PYTHON: command } };
  const looking = [1, 2].map(() => spawn(process.execPath, ['--input-type=module', '--eval', look], options));
  const ends = await Promise.all(looking.map((child) => once(child, 'exit')));
  expect(ends.map(([code]) => code)).toEqual([0, 0]);
  expect(readdirSync(join(folder.path, 'node_modules/.cache'))).toEqual(['python']);
});
