import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** What a process that a test started says, while it runs. */
export function follow(child: ChildProcess) {
  const output = { stdout: '', stderr: '' };
  const looks = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      for (const look of looks) look();
    });
  /** Resolves with the exit code; null when a signal ended it, or it never began. */
  const exit = once(child, 'close').then(
    ([code]) => code as number | null,
    () => null,
  );

  /** Resolves with what is found in it, as soon as that is something; rejects when the process ends without it. */
  function until<T>(what: string, find: (said: typeof output) => T | undefined | false): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = () => {
      const found = find(output);
      if (found) resolve(found);
    };
    looks.add(look);
    look();
    void exit.then(() => reject(new Error(`it ended before it said ${what}:\n${output.stdout}${output.stderr}`)));
    return promise.finally(() => looks.delete(look));
  }
  return { output, exit, until };
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** The first message of a program; what it complains about, if it ends before. */
export async function firstMessage(child: ChildProcess): Promise<unknown> {
  const complaints: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk));
  const ended = once(child, 'close').then(() => Promise.reject(new Error(Buffer.concat(complaints).toString())));
  const [message] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {}); // it will end when the test is over; by then that is no error
  return message;
}

export async function stop(child: ChildProcess): Promise<number | null> {
  if (hasEnded(child)) return child.exitCode;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const [code] = await closed;
  return code;
}
