import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Ready } from './subjects/serve.ts';

export const subjectNames = ['ours', 'bare', 'floor'] as const;
export type SubjectName = (typeof subjectNames)[number];

/** One server under load, in a process of its own. */
export interface Subject extends AsyncDisposable, Ready {
  readonly name: SubjectName;
  /** What its process has used of all processors so far. */
  cpuMs(): Promise<number>;
}

/** Resolves when it listens. Each has a database of Redis to itself, which nobody else touches during its turn. */
export async function startSubject(
  name: SubjectName,
  { redisPort, profile }: { redisPort: number; profile: string | undefined },
): Promise<Subject> {
  const child = fork(new URL(`./subjects/${name}.ts`, import.meta.url), {
    execArgv: [
      // As `npm start` starts the server.
      '--disable-warning=ExperimentalWarning',
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${name}`]),
    ],
    env: {
      ...process.env,
      NODE_ENV: 'development',
      BENCH_REDIS_URL: `redis://127.0.0.1:${redisPort}/${subjectNames.indexOf(name)}`,
    },
  });
  const ended = once(child, 'exit');
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const ready = await Promise.race([ask<Ready>(child, 'start'), ended.then(() => undefined)]);
  if (!ready) throw new Error(`${name} ended before it listened`);

  return {
    name,
    ...ready,
    cpuMs: () => ask<number>(child, 'cpu'),
    async [Symbol.asyncDispose]() {
      process.off('exit', killAtExit);
      if (child.connected) child.disconnect(); // it exits when nobody is left to ask it
      await ended;
    },
  };
}

async function ask<Answer>(child: ChildProcess, question: 'start' | 'cpu'): Promise<Answer> {
  const answer = once(child, 'message');
  child.send(question);
  return (await answer)[0] as Answer;
}
