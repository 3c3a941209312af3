import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from './child-environment.ts';

/** What the programs of docs/gateways.md import, with the version that they were written for. */
const packages = { mcp: '>=2.3,<3', fastmcp: '>=4,<5', pyjwt: '>=2.15,<3' };
const checks = Object.keys(packages).map((name) => `assert version("${name}")`);
const importsAll = `from importlib.metadata import version; ${checks.join('; ')}; import jwt, mcp.server.mcpserver, fastmcp`;
const cache = join('node_modules', '.cache', 'python');

export interface Python {
  readonly command: string;
  readonly env: Record<string, string>;
}

/**
 * A Python with these packages: what `PYTHON` names or `python3` is, or has after it took them from package indexes that
 * are files of this machine. Nothing comes over the network. `undefined` where there is none.
 */
export function findPython(): Python | undefined {
  const command = process.env.PYTHON ?? 'python3';
  const python = { command, env: { PATH: childEnvironment.PATH, PYTHONUNBUFFERED: '1' } };
  if (canImport(python)) return python;
  const equipped = { command, env: { ...python.env, PYTHONPATH: join(process.cwd(), cache) } };
  if (!existsSync(cache)) installFromFiles(python);
  return canImport(equipped) ? equipped : undefined;
}

const canImport = ({ command, env }: Python) => spawnSync(command, ['-c', importsAll], { env }).status === 0;

function installFromFiles({ command }: Python): void {
  const settings = spawnSync(command, ['-m', 'pip', 'config', 'list'], { encoding: 'utf8' }).stdout ?? '';
  const [index, ...others] = new Set(settings.match(/file:\/\/[^\s']+/g));
  if (index === undefined) return;
  mkdirSync(join(cache, '..'), { recursive: true });
  const target = mkdtempSync(`${cache}-`);
  const indexes = ['--index-url', index, ...others.flatMap((each) => ['--extra-index-url', each])];
  const wanted = Object.entries(packages).map(([name, versions]) => name + versions);
  const install = ['-m', 'pip', 'install', '--quiet', '--target', target, ...indexes, ...wanted];
  // `--index-url` alone would leave the indexes of its settings beside it, which may be somewhere else.
  const env = { ...process.env, PIP_CONFIG_FILE: '/dev/null', PIP_EXTRA_INDEX_URL: '' };
  // Two files of tests may install at once: the first one's stay, and nobody sees half of them.
  if (spawnSync(command, install, { env, stdio: 'ignore' }).status === 0) keepFirst(target);
  rmSync(target, { recursive: true, force: true });
}

function keepFirst(installed: string): void {
  try {
    renameSync(installed, cache);
  } catch (error) {
    if (!existsSync(cache)) throw error;
  }
}
