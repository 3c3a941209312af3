/**
 * The server as a process: settings from the environment and `.env`, listening, the lines it says at its start, the
 * demonstration, and the way it stops.
 *
 * It knows the application only as something that `main.ts` creates. The command line reads its settings and explains
 * its errors with the same functions.
 */
export { loadConfigWithEnvFile } from './load-config.ts';
export { runServer } from './run-server.ts';
export { explainStartError } from './start-error.ts';
