import { spawn } from 'node:child_process';

/** `npm run example:console`: the console beside the authorization server, which asks it who people are. */
const { PORT = '3000' } = process.env;
// Where auth.json says that it is.
const consolePort = '4100';
const issuer = process.env.ISSUER ?? `http://localhost:${PORT}/mcp`;
const folder = import.meta.dirname;
const flags = ['--disable-warning=ExperimentalWarning'];

const programs = [
  start(`${folder}/main.ts`, { ISSUER: issuer, PORT: consolePort }),
  start(`${folder}/../../src/main.ts`, {
    ISSUER: issuer,
    PORT,
    CONFIG_FILE: `${folder}/auth.json`,
    DATABASE: process.env.DATABASE ?? ':memory:',
  }),
];

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    for (const program of programs) program.kill(signal);
  });
for (const program of programs)
  program.once('exit', (code) => {
    // One without the other shows nothing.
    for (const other of programs) other.kill('SIGTERM');
    process.exitCode ??= code ?? 0;
  });

function start(path: string, settings: Record<string, string>) {
  const env = { ...process.env, ...settings };
  return spawn(process.execPath, [...flags, path], { env, stdio: 'inherit' });
}
