import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { childEnvironment } from '../support/child-environment.ts';
import { firstMessage, stop } from '../support/child-output.ts';
import { bearer } from './issuer.ts';

const ROOT = new URL('../../', import.meta.url);
export const readSource = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
export const README = readSource('gateway/README.md');
/** The resource of its programs. */
export const README_RESOURCE = 'https://gateway.example.com/mcp';

/** The programs that it shows, each with the heading nearest before it. */
export const README_PROGRAMS = [...README.matchAll(/^#+ ([^\n]+)\n(?:(?!^#)[^\n]*\n)*?```ts\n([\s\S]*?)```/gm)].map(
  ([, heading = '', code = '']) => ({ heading, code }),
);

/** Whatever port the program wants, it gets a free one and tells it. */
const FREE_PORT = `
import { Server as NetServer } from 'node:net';
const listenAt = NetServer.prototype.listen;
NetServer.prototype.listen = function listen(...given) {
  this.once('listening', () => process.send(this.address().port));
  return listenAt.call(this, 0, '127.0.0.1', ...given.filter((argument) => typeof argument === 'function'));
};
`;

/** Runs the program below this heading as it stands there, but for the issuer's URL, and what is changed in it. */
export function runProgram(
  heading: string,
  issuer: string,
  { env = {}, change = (code) => code }: { env?: Record<string, string>; change?: (code: string) => string } = {},
): ChildProcess {
  const code = README_PROGRAMS.find((each) => each.heading.startsWith(heading))?.code ?? '';
  const program = change(code).replaceAll('https://api.bkend.ai/mcp', issuer);
  return spawnNode(['--input-type=module-typescript', '--eval', FREE_PORT + program], env);
}

/** The same for one that listens: `ask` with a token or without, at the URL of its MCP server unless told. */
export async function serveProgram(...[heading, issuer, options]: Parameters<typeof runProgram>) {
  const child = runProgram(heading, issuer, options);
  const origin = `http://127.0.0.1:${await firstMessage(child)}`;
  return {
    ask: (token?: string, { path = '/mcp', headers, ...init }: RequestInit & { path?: string } = {}) =>
      fetch(origin + path, { ...init, headers: { ...(token && bearer(token)), ...(headers as object) } }),
    [Symbol.asyncDispose]: async () => void (await stop(child)),
  };
}

/** What a tool sends to an MCP server to call one of its methods. */
export const mcpCall = (method: string, params: object) => ({
  method: 'POST',
  headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
});

/** Runs a file of this project; `stdout` can be read. */
export function runFile(path: string, env: Record<string, string>): ChildProcess {
  return spawnNode([path], env);
}

function spawnNode(args: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: ROOT,
    env: { ...childEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}
