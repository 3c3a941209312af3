import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child-environment.ts';

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
  const output = { stdout: '', stderr: '' };
  const looks = new Set<() => void>();
  const wake = () => {
    for (const look of looks) look();
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      wake();
    });
  }
  const exit = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });

  return {
    pid: child.pid as number,
    /** What it has written so far. */
    output,
    /** Resolves with the exit code; null when a signal ended it. */
    exit,
    signal: (name: NodeJS.Signals) => child.kill(name),
    /** Resolves with the log line that has this event; rejects when the process ends without it. */
    logged(event: string) {
      const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
      const look = () => {
        const line = output.stdout
          .split('\n')
          .find((each) => each.includes(`"event":"${event}"`) && each.endsWith('}'));
        if (line) resolve(JSON.parse(line));
      };
      looks.add(look);
      look();
      exit.then(() => reject(new Error(`it ended before it logged "${event}":\n${output.stdout}${output.stderr}`)));
      return promise.finally(() => looks.delete(look));
    },
  };
}

/** The real process, as an operator starts it, in a folder of its own. */
export type ServerProcess = ReturnType<typeof startProcess>;
