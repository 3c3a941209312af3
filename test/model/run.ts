import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** `npm run model -- --runs 20000 --seed 7 --path 3:1`: more of the same, or one failure again. */
const text = { type: 'string' } as const;
const { runs = '20000', seed, path } = parseArgs({ options: { runs: text, seed: text, path: text } }).values;
const jest = ['node_modules/jest/bin/jest.js', 'test/model/token-life'];
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const wishes = { ...(seed !== undefined && { MODEL_SEED: seed }), ...(path !== undefined && { MODEL_PATH: path }) };
const env = { ...process.env, MODEL_RUNS: runs, ...wishes };
const { status } = spawnSync(process.execPath, [...flags, ...jest], { stdio: 'inherit', env });
process.exitCode = status ?? 1;
