import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { childEnvironment } from '../support/child-environment.ts';

const ROOT = new URL('../../', import.meta.url);

/** Whatever port the program wants, it gets a free one and tells it. */
const FREE_PORT = `
import { Server as NetServer } from 'node:net';
const listenAt = NetServer.prototype.listen;
NetServer.prototype.listen = function listen(...given) {
  this.once('listening', () => process.send(this.address().port));
  return listenAt.call(this, 0, '127.0.0.1', ...given.filter((argument) => typeof argument === 'function'));
};
`;

/** Runs a program of the documentation as it stands there, but for the issuer's URL. */
export function runProgram(code: string, issuer: string, env: Record<string, string> = {}): ChildProcess {
  const program = code.replaceAll('https://api.bkend.ai/mcp', issuer);
  return spawnNode(['--input-type=module-typescript', '--eval', FREE_PORT + program], env);
}

/** Runs a file of this project; `stdout` can be read. */
export function runFile(path: string, env: Record<string, string>): ChildProcess {
  return spawnNode([path], env);
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
  if (child.exitCode !== null) return child.exitCode;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const [code] = await closed;
  return code;
}

function spawnNode(args: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: ROOT,
    env: { ...childEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}
