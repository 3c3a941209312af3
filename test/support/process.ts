import { afterAll } from '@jest/globals';
import { killStartedProcesses } from './spawned-server.ts';

export { type ServerProcess, startProcess, temporaryFolder } from './spawned-server.ts';

/** A test that fails before it ended its process would keep the whole run waiting for it. */
afterAll(killStartedProcesses);
