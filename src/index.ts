/**
 * Public entry point. `createAuthorizationServer(loadConfig(process.env))` is the whole service; `createPlugin` is the
 * same for an oidc-provider that already runs. The gateway kit is a package of its own, `@bkend/mcp-gateway`, and also
 * `bkend-mcp-auth/gateway`.
 */
export { createAuthorizationServer } from './app.ts';
export type { AuthorizationServer, Parts, Plugin } from './composition/index.ts';
export { createPlugin } from './composition/index.ts';
export { type Config, ConfigError, loadConfig, type Policy } from './config/index.ts';
export type { Connection, Revocation, RevocationFeed } from './connections/index.ts';
export {
  type ConsoleUnderTest,
  checkConsole,
  checkDirectory,
  checkHandOff,
  type DirectoryFixtures,
  type HandOffUnderTest,
  type Line,
} from './console/index.ts';
export type { Account, Directory, Membership, Organization } from './directory/index.ts';
export { createLocalDirectory, type LocalDirectory } from './directory/index.ts';
export { type Store, StoreUnavailable } from './storage/index.ts';
