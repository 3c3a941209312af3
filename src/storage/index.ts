/**
 * Where everything is kept. Decides how: under which names, for how long, as what, by whose clock, and what "once" means.
 * Does not know what the records mean: modules above hand it JSON text and get it back. Of OAuth it has one word, the
 * `temporarily_unavailable` of an outage, so that whoever asked is told to come back. The port is `Store`; `RedisStore` is
 * production, `SqliteStore` the embedded default, one suite proves both. The schema is in README.md.
 */
export { changeRecord, untilWritten } from './change-record.ts';
export type { ListEntry, ListPlace } from './list.ts';
export { createNewest, type Newest, type PushedOut } from './newest.ts';
export { allKept, asOneRequest, keepMeanwhile, whenKept } from './one-request.ts';
export { openStore, type StoreLocation } from './open-store.ts';
export { pauseRequest } from './patience.ts';
export { createRecordNames, type RecordNames } from './record-names.ts';
export { findMissingRights } from './redis/index.ts';
export { createRequestReads, type RequestReads } from './request-reads.ts';
export { type Backup, BackupRefused, backUp } from './sqlite/index.ts';
export type { AdvanceResult, FeedEntry, Progress, Store, StoredRecord, Take } from './store.ts';
export { StoreUnavailable } from './store-unavailable.ts';
export { TemporarilyUnavailable } from './temporarily-unavailable.ts';
export { createUnfinished, type Unfinished } from './unfinished.ts';
export { dropHeld, findHeld, forgetStored, holdLast, holdRemoval, holdWrite, noteStored } from './unit-of-work.ts';
export { createVault, type Vault } from './vault.ts';
