import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child-environment.ts';
import { follow } from './child-output.ts';
import { changedPolicy } from './policy.ts';
import { freePort } from './redis.ts';
import { startServer } from './server.ts';

const example = (file: string) => fileURLToPath(new URL(`../../examples/${file}`, import.meta.url));

const proxies = {
  nginx: { file: 'nginx/nginx.conf', start: startNginx },
  Caddy: { file: 'proxies/caddy/Caddyfile', start: startCaddy },
} as const;
export type ProxyName = keyof typeof proxies;

/**
 * An example of a proxy, as it stands but for its addresses: the proxy, an authorization server, and what is behind.
 * `backend`: a port to serve instead of the MCP server of the example. `resource`: what a person enters into the tool.
 */
export async function startBehind(proxy: ProxyName, backend?: number) {
  await using started = new AsyncDisposableStack();
  const port = await freePort();
  const resource = `http://localhost:${port}/mcp`;
  const mcpPort = backend ?? (await freePort());
  if (backend === undefined) started.use(await startMcpServer(mcpPort));
  const { resources, roles } = JSON.parse(readFileSync(example('nginx/auth.json'), 'utf8'));
  using policy = changedPolicy({ resources: [{ ...resources[0], uri: resource }], roles });
  const server = started.use(await startServer({ env: { ...policy.env, TRUSTED_PROXIES: '127.0.0.1' } }));
  const ports: Record<string, unknown> = { 8080: port, 3000: new URL(server.origin).port, 4000: mcpPort };
  const { file, start } = proxies[proxy];
  const shipped = readFileSync(example(file), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  const configuration = shipped.replaceAll(/(?<=:|%3A)(8080|3000|4000)\b/g, (known) => String(ports[known]));
  started.use(await start(configuration, folder));
  const all = started.move();
  const close = async () => all.disposeAsync();
  return { resource, server, close, [Symbol.asyncDispose]: close };
}

/** A real nginx in the foreground, in a folder of its own; resolves when it listens. */
export function startNginx(configuration: string, folder: string): Promise<AsyncDisposable> {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const folders = kinds.map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join(' ');
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration.replace('http {', `http { ${folders}`));
  // Started by root its workers would be somebody else, who may not use this folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const globals = `${user} daemon off; pid ${join(folder, 'nginx.pid')}; error_log stderr notice;`;
  const PATH = `${process.env.PATH}:/usr/sbin`;
  const child = spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', file, '-g', globals], { env: { PATH } });
  return untilItSays(child, 'start worker processes');
}

/** In a folder of its own, and without the door of its administrator. */
function startCaddy(configuration: string, folder: string): Promise<AsyncDisposable> {
  const env = { ...childEnvironment, HOME: folder };
  const child = spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', '-'], { env });
  child.stdin.end(`{\n\tadmin off\n}\n${configuration}`);
  // Asked to end it would wait for open streams.
  return untilItSays(child, 'serving initial configuration', 'SIGKILL');
}

function startMcpServer(port: number): Promise<AsyncDisposable> {
  const env = { ...childEnvironment, PORT: String(port) };
  const program = ['--disable-warning=ExperimentalWarning', example('nginx/mcp-server.ts')];
  return untilItSays(spawn(process.execPath, program, { env }), 'MCP server');
}

/** Resolves when it listens. */
async function untilItSays(child: ChildProcess, text: string, signal?: NodeJS.Signals): Promise<AsyncDisposable> {
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const { exit, until } = follow(child);
  const ended = exit.then(() => process.off('exit', killAtExit));
  await until(`"${text}"`, ({ stdout, stderr }) => stdout.includes(text) || stderr.includes(text));
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill(signal);
      await ended;
    },
  };
}
