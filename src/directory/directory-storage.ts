import type { Keys, Secrecy, Store } from '../storage/index.ts';

/** What this module needs in order to remember: the store, the names of its keys, and the server's keyed hash. */
export interface DirectoryStorage {
  readonly store: Store;
  readonly keys: DirectoryKeys;
  readonly hash: Secrecy['hash'];
}

export type DirectoryKeys = Pick<
  Keys,
  'account' | 'accountByEmail' | 'accounts' | 'organization' | 'organizationBySlug'
>;
