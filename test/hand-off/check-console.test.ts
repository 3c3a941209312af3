import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';
import { childEnvironment } from '../support/child-environment.ts';
import { follow } from '../support/child-output.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';

/** `npm run example:console` as two processes, and the command that asks the console what the server would. */
it('bkend-mcp-auth check-console finds every promise of the example kept', async () => {
  await using folder = await temporaryFolder();
  const [port, consolePort] = [String(await freePort()), String(await freePort())];
  const issuer = `http://localhost:${port}/mcp`;
  const env = {
    PORT: port,
    ISSUER: issuer,
    DATABASE: `${folder.path}/auth.db`,
    STORE_SECRET: 'a secret that only tests may know',
  };
  const server = startProcess(folder.path, env);
  await server.logged('start');
  const flags = ['--disable-warning=ExperimentalWarning'];
  const console = spawn(process.execPath, [...flags, 'examples/console/main.ts'], {
    env: { ...childEnvironment, PORT: consolePort, ISSUER: issuer },
  });
  using _console = { [Symbol.dispose]: () => console.kill('SIGKILL') };
  await follow(console).until('where it is', ({ stdout }) => stdout.includes('http'));

  const run = async (...words: string[]) => {
    const command = spawn(process.execPath, [...flags, 'src/main.ts', 'check-console', ...words], {
      env: { ...childEnvironment, ...env },
    });
    const [said, code] = await Promise.all([text(command.stdout), new Promise((end) => command.once('close', end))]);
    return { said, code };
  };
  const url = `http://localhost:${consolePort}/internal/directory`;
  const kept = await run(url, '--account', 'u_1', '--organization', 'o_7');
  expect([kept.code, kept.said]).toEqual([0, expect.stringContaining('Every line holds.')]);
  expect((await run(url, '--account', 'u_nobody', '--organization', 'o_7')).code).toBe(1);
  expect((await run()).code).toBe(2);
  server.signal('SIGTERM');
  await server.exit;
});
