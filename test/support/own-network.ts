import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { childEnvironment } from './child-environment.ts';

/** With a network of its own, in which every port is free; whatever is started in it ends with it. */
const words = ['--net', '--pid', '--fork', '--kill-child', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/** Only root may, and not in every container. */
export const hasOwnNetworks = spawnSync('unshare', [...words, 'true'], { stdio: 'ignore' }).status === 0;

/** What a program of ours says there; throws when it ends with anything but 0. */
export async function runInOwnNetwork(file: string, ...given: string[]): Promise<string> {
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', file, ...given];
  const env = { ...childEnvironment, PATH: `${childEnvironment.PATH}:/usr/sbin`, DATABASE: ':memory:' };
  const settings = { ...env, STORE_SECRET: 'a secret that only tests may know' };
  return (await promisify(execFile)('unshare', [...words, ...program], { env: settings })).stdout;
}
