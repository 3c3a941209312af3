import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child-environment.ts';
import { follow } from './child-output.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const policy = fileURLToPath(new URL('../../config/auth.json', import.meta.url));

const running = new Set<ChildProcess>();

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'auth-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** For the end of whoever started some, however it came to that. */
export function killStartedProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}

export function startProcess(folder: string, env: Record<string, string>) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    cwd: folder,
    env: { ...childEnvironment, CONFIG_FILE: policy, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const { output, exit, until } = follow(child);
  void exit.then(() => running.delete(child));
  return {
    pid: child.pid as number,
    output,
    exit,
    signal: (name: NodeJS.Signals) => child.kill(name),
    /** Resolves with the log line that has this event; rejects when the process ends without it. */
    logged: (event: string) =>
      until(`"${event}"`, ({ stdout }): Record<string, unknown> | undefined => {
        const isIt = (line: string) => line.includes(`"event":"${event}"`) && line.endsWith('}');
        return JSON.parse(stdout.split('\n').find(isIt) ?? 'null');
      }),
  };
}

/** The real process, as an operator starts it, in a folder of its own. */
export type ServerProcess = ReturnType<typeof startProcess>;
