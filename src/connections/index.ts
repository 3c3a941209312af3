/**
 * What was approved, by whom, for which organization, and how it ends. Does not know pages or tokens: `interactions`
 * begins a connection when a person approves, `account` shows, changes and ends it, `provider` reads it when a token is
 * issued, and `adapter` lets it live as long as its newest refresh token.
 */
export type { Postponed } from './approval.ts';
export type { Connection } from './connection.ts';
export type { ConnectionChange } from './connection-change.ts';
export { presentBrowser } from './connection-device.ts';
export type { ConnectionPage } from './connection-index.ts';
export { cleanLabel, maxLabelLength, proposeLabel } from './connection-label.ts';
export type { ConnectionOwner } from './connection-lists.ts';
export { type Connections, createConnections } from './connections.ts';
export { createIsCurrent, type IsCurrent, type StatedByToken } from './current-state.ts';
export type { Installation } from './installations.ts';
export { createPolicyRecord, type PolicyPart, type WithdrawnResource } from './policy-record.ts';
export { createRevocation, type Revocation, revokeWithDirectory } from './revocation.ts';
export type { RevocationEntry, RevocationReason } from './revocation-entry.ts';
export { createRevocationFeed, type RevocationBatch, type RevocationFeed } from './revocation-feed.ts';
export { createRevocations, type Revocations } from './revocations.ts';
