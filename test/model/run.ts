import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** `npm run model -- --runs 20000 --seed 7 --path 3:1`: more of the same, or one failure again. */
const text = { type: 'string' } as const;
const { runs = '20000', seed, path } = parseArgs({ options: { runs: text, seed: text, path: text } }).values;
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    'test/model/token-life',
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      MODEL_RUNS: runs,
      ...(seed !== undefined && { MODEL_SEED: seed }),
      ...(path !== undefined && { MODEL_PATH: path }),
    },
  },
);
process.exitCode = status ?? 1;
