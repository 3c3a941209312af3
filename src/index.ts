/**
 * The library door. `createAuthorizationServer(loadConfig(process.env))` is the whole service; `createPlugin` is the
 * same as pieces for an oidc-provider that already runs. The gateway kit has a door of its own: `bkend-mcp-auth/gateway`.
 */
export {
  type AdjustmentName,
  type AuthorizationServer,
  createAuthorizationServer,
  createPlugin,
  type MiddlewareName,
  type Parts,
  type Plugin,
} from './app.ts';
export { type Config, ConfigError, type Policy } from './config/index.ts';
export type { Connection, Endings, RevocationFeed } from './connections/index.ts';
export {
  type ConsoleUnderTest,
  checkConsole,
  checkDirectory,
  type DirectoryFixtures,
  type Line,
} from './console/index.ts';
export type { Account, Directory, Membership, Organization } from './directory/index.ts';
export { createLocalDirectory, type LocalDirectory } from './directory/index.ts';
export { loadConfig } from './load-config.ts';
export { type Store, StoreUnavailable } from './storage/index.ts';
