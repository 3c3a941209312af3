/**
 * The wiring: which module is handed which, once, from the configuration up to the plugin. It decides nothing that people or
 * clients see. `app.ts`, `process` and `cli` stand above it.
 */
export { compose } from './compose.ts';
export { createSign } from './console.ts';
export { createPlugin } from './create-plugin.ts';
export { createDomain, type Domain, issuerOf } from './domain.ts';
export { createOperations } from './operations-port.ts';
export type { AuthorizationServer, Parts, Plugin } from './plugin.ts';
export { backUpStore, openStorageContext } from './storage-context.ts';
