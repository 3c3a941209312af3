import { type ServerProcess, startProcess, temporaryFolder } from './process.ts';

/** A process of a server that has said that it listens. */
export interface StartedProcess extends ServerProcess, AsyncDisposable {
  /** The line with which it started. */
  readonly start: Record<string, unknown>;
  readonly port: number;
  /** As an operator ends it; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** At a free port, in a folder of its own, which is gone with it. */
export async function startedProcess(
  env: Record<string, string> = {},
  prepare: (folder: string) => unknown = () => undefined,
): Promise<StartedProcess> {
  const folder = await temporaryFolder();
  await prepare(folder.path);
  const server = startProcess(folder.path, { PORT: '0', ...env });
  const stop = () => {
    server.signal('SIGTERM');
    return server.exit;
  };
  const start = await server.logged('start');
  const close = () => stop().then(folder[Symbol.asyncDispose]);
  return { ...server, start, port: Number(start.port), stop, [Symbol.asyncDispose]: close };
}
