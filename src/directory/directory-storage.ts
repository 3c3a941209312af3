import type { RecordNames, RequestReads, Store, Vault } from '../storage/index.ts';

/** What this module needs in order to remember: the store, the names of its records, and the server's keyed hash. */
export interface DirectoryStorage {
  readonly store: Store;
  readonly names: DirectoryRecordNames;
  /** What was read along for the present request. */
  readonly reads: Pick<RequestReads, 'read' | 'ahead' | 'forget'>;
  readonly hash: Vault['hash'];
  /** What whoever signs in to this account is going to ask for when the password is right. */
  readonly alsoRead?: (accountId: string) => readonly string[];
  /** By which accounts are still found that were kept under another secret. */
  readonly formerHashes?: readonly Vault['hash'][];
}

type DirectoryRecordNames = Pick<
  RecordNames,
  'account' | 'accountByEmail' | 'accounts' | 'identity' | 'organization' | 'organizationBySlug'
>;
