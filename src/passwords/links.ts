import { randomBytes } from 'node:crypto';
import type { RecordNames, Store, Vault } from '../storage/index.ts';

/** What links that are mailed are for: one for another purpose is not found. */
export interface Contents {
  readonly reset: { readonly accountId: string; readonly version: number };
  readonly invitation: {
    readonly email: string;
    readonly organizationId: string;
    readonly role: string;
    /** In seconds since the epoch. */
    readonly until: number;
  };
}

type Purpose = keyof Contents;

export interface Link<P extends Purpose> {
  /** The name of its record; the token cannot be made of it. */
  readonly hash: string;
  readonly content: Contents[P];
}

/**
 * Links that work once. Kept is a keyed hash of the token, under the purpose: whoever reads the store cannot follow one, and
 * whoever has one for something else has nothing.
 */
export interface OneTimeLinks {
  /** Answers the token. */
  create<P extends Purpose>(
    purpose: P,
    content: Contents[P],
    ttlSeconds: number,
  ): Promise<{ token: string; hash: string }>;
  /** Changes nothing: mail scanners follow links. Nothing when it was used, withdrawn, or is too old. */
  find<P extends Purpose>(purpose: P, token: string): Promise<Link<P> | undefined>;
  /** By its name, for a list. */
  read<P extends Purpose>(hash: string): Promise<Link<P> | undefined>;
  /** Of any number at once one is told true. */
  use(link: Link<Purpose>): Promise<boolean>;
  /** Something that was used for nothing: it works again for a moment. */
  giveBack(link: Link<Purpose>): Promise<void>;
  /** Whether it was there, and unused. */
  withdraw(hash: string): Promise<boolean>;
}

export interface LinkStorage {
  readonly store: Store;
  readonly names: Pick<RecordNames, 'oneTimeLink' | 'invitations'>;
  readonly vault: Pick<Vault, 'hash' | 'hashers'>;
}

const tokenForm = /^[\w-]{43}$/;
/** As long as somebody needs to try again. */
const givenBackSeconds = 15 * 60;

export function createOneTimeLinks({ store, names, vault }: LinkStorage): OneTimeLinks {
  const hashWith = (hash: Vault['hash'], purpose: Purpose, token: string) => hash(`one-time-link ${purpose}`, token);

  async function read<P extends Purpose>(hash: string): Promise<Link<P> | undefined> {
    const record = await store.read(names.oneTimeLink(hash));
    return record && record.takenAt === undefined ? { hash, content: JSON.parse(record.value) } : undefined;
  }

  return {
    read,
    async create(purpose, content, ttlSeconds) {
      const token = randomBytes(32).toString('base64url');
      const hash = hashWith(vault.hash, purpose, token);
      await store.write(names.oneTimeLink(hash), JSON.stringify(content), ttlSeconds);
      return { token, hash };
    },
    async find<P extends Purpose>(purpose: P, token: string) {
      if (!tokenForm.test(token)) return undefined;
      for (const hasher of vault.hashers) {
        const link = await read<P>(hashWith(hasher, purpose, token));
        if (link) return link;
      }
      return undefined;
    },
    async use({ hash }) {
      const nonce = randomBytes(16).toString('base64url');
      return (await store.take({ record: names.oneTimeLink(hash), nonce })) === 'taken';
    },
    giveBack: ({ hash, content }) => store.write(names.oneTimeLink(hash), JSON.stringify(content), givenBackSeconds),
    async withdraw(hash) {
      const isThere = (await read(hash)) !== undefined;
      return (await store.remove([names.oneTimeLink(hash)])) > 0 && isThere;
    },
  };
}
