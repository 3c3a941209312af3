import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changedPolicy } from './policy.ts';
import { freePort } from './redis.ts';
import { startServer, type TestServer } from './server.ts';

const example = (file: string) => fileURLToPath(new URL(`../../examples/nginx/${file}`, import.meta.url));

/** The example of nginx, as it stands but for its addresses: nginx, an authorization server, and what is behind. */
export interface ProxiedServer extends AsyncDisposable {
  /** What a person enters into the tool. */
  readonly resource: string;
  readonly server: TestServer;
  close(): Promise<void>;
}

/** `backend`: a port to serve instead of the MCP server of the example. */
export async function startBehindNginx(backend?: number): Promise<ProxiedServer> {
  await using started = new AsyncDisposableStack();
  const port = await freePort();
  const resource = `http://localhost:${port}/mcp`;
  const mcpPort = backend ?? (await freePort());
  if (backend === undefined) started.use(await startMcpServer(mcpPort));
  using policy = changedPolicy(policyOfExample(resource));
  const server = started.use(await startServer({ env: policy.env }));
  const addresses = { nginx: port, authorization: Number(new URL(server.origin).port), mcp: mcpPort };
  started.use(await startNginx(configurationFor(addresses)));
  const all = started.move();
  const close = () => all.disposeAsync();
  return { resource, server, close, [Symbol.asyncDispose]: close };
}

function policyOfExample(resource: string): Record<string, object> {
  const { resources, roles } = JSON.parse(readFileSync(example('auth.json'), 'utf8'));
  return { resources: [{ ...resources[0], uri: resource }], roles };
}

function configurationFor(ports: { nginx: number; authorization: number; mcp: number }): string {
  return readFileSync(example('nginx.conf'), 'utf8')
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.nginx}`)
    .replaceAll('localhost%3A8080', `localhost%3A${ports.nginx}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${ports.authorization}`)
    .replaceAll('127.0.0.1:4000', `127.0.0.1:${ports.mcp}`);
}

/** A real nginx in the foreground, in a folder of its own; resolves when it listens. */
export async function startNginx(configuration: string): Promise<AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const folders = kinds.map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join(' ');
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration.replace('http {', `http { ${folders}`));
  // Started by root its workers would be somebody else, who may not use this folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const globals = `${user} daemon off; pid ${join(folder, 'nginx.pid')}; error_log stderr notice;`;
  const PATH = `${process.env.PATH}:/usr/sbin`;
  const child = spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', file, '-g', globals], { env: { PATH } });
  return untilItSays(child, 'start worker processes', () => rmSync(folder, { recursive: true, force: true }));
}

function startMcpServer(port: number): Promise<AsyncDisposable> {
  const env = { PATH: process.env.PATH, PORT: String(port) };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', example('mcp-server.ts')], { env });
  return untilItSays(child, 'MCP server', () => undefined);
}

async function untilItSays(child: ChildProcess, text: string, cleanUp: () => void): Promise<AsyncDisposable> {
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const ended = once(child, 'close').then(() => {
    process.off('exit', killAtExit);
    cleanUp();
  });
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      output += part;
      if (output.includes(text)) resolve();
    });
  }
  void ended.then(() => reject(new Error(`it ended before it said "${text}":\n${output}`)));
  await promise;
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
