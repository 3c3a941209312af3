/**
 * Where everything is kept. Decides how: under which keys, for how long, as what, and what "once" means.
 * Does not know what the records mean; rooms above hand it JSON text and get it back.
 * The port is `Store`; `RedisStore` is production, `SqliteStore` the embedded default, one suite proves both.
 * `createAdapter` is the same port in the shape oidc-provider asks for. The schema is in README.md.
 */
export { createAdapter, type RefreshTokenWithGrant, StoreAdapter } from './adapter.ts';
export type { AdapterOptions } from './adapter-options.ts';
export { GrantEndings } from './grant-endings.ts';
export { createKeys, type Keys } from './keys.ts';
export { openStore, type StoreLocation } from './open-store.ts';
export { type PerRequest, perRequest } from './per-request.ts';
export { presentedRefreshToken } from './read-ahead.ts';
export { composeRefreshToken, grantOfRefreshToken, successorOf } from './refresh-token-value.ts';
export { createSecrecy, type Secrecy } from './secrecy.ts';
export type { Count, FeedEntry, Store, StoredRecord, TakeResult } from './store.ts';
export { StoreUnavailable } from './store-unavailable.ts';
