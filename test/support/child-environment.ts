import { fileURLToPath } from 'node:url';

const path = process.env.PATH ?? '';

/**
 * What a process of ours inherits, and no more of what this one has: no setting of whoever runs the tests. Node keeps what
 * it has compiled: most of the time that a start takes is for that.
 */
export const childEnvironment = {
  PATH: path,
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url)),
};
