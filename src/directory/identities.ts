import { createHash } from 'node:crypto';
import type { AccountRecord, Accounts, LinkedIdentity } from './accounts.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryStorage } from './directory-storage.ts';
import { normalizeEmail } from './email.ts';
import { compareMemberships, mergeMemberships } from './given-memberships.ts';
import type { Organizations } from './organizations.ts';

/** Somebody who signed in at an identity provider, and what it says of them. */
export interface Identity {
  /** As the configuration calls it. */
  readonly provider: string;
  readonly issuer: string;
  /** Never given to anybody else by this issuer (OpenID Connect Core §2). */
  readonly subject: string;
  /** Empty where it says none. */
  readonly email: string;
  /** That it is theirs, and that this provider may say so. */
  readonly emailIsVerified: boolean;
  readonly name: string;
  readonly linksByEmail: boolean;
  readonly memberships: readonly GivenMembership[];
}

export interface GivenMembership {
  readonly slug: string;
  readonly name?: string | undefined;
  readonly role: string;
}

/** The account of somebody who arrived, and what became of it with that. */
export interface Arrived {
  readonly accountId: string;
  readonly how: 'known' | 'created' | 'linked';
  /** Organizations of which they are a member no more. */
  readonly left: readonly string[];
  readonly changed: readonly { readonly organizationId: string; readonly role: string }[];
}

export interface Identities {
  /** The account of this person, made if it is not there, with what the provider says of them now. */
  arrive(identity: Identity): Promise<Arrived>;
  /** Whose account that is, without anybody arriving. */
  findAccountIdOf(issuer: string, subject: string): Promise<string>;
  /** Whoever was found by the email of this account signs in to it no more; the next one may be found. How many they were. */
  unlink(accountId: string): Promise<number>;
}

export const identityPrefix = 'idp_';

/** Of the account that a person gets. Without a key: whoever changes `STORE_SECRET` must not give everybody another account. */
export function accountIdOf(issuer: string, subject: string): string {
  return (
    identityPrefix +
    createHash('sha256')
      .update(JSON.stringify([issuer, subject]))
      .digest('base64url')
  );
}

export function createIdentities(
  { store, names }: DirectoryStorage,
  accounts: Accounts,
  organizations: Organizations,
): Identities {
  /** One that was found by email once. */
  async function findLinked(identityId: string): Promise<string | undefined> {
    const stored = await store.read(names.identity(identityId));
    const accountId: string | undefined = stored && JSON.parse(stored.value).accountId;
    const account = accountId === undefined ? undefined : await accounts.find(accountId);
    return account?.linked?.some(({ id }) => id === identityId) ? accountId : undefined;
  }

  async function link(identityId: string, { email, issuer }: Identity): Promise<string | undefined> {
    const { id, record } = await accounts.findByEmail(email);
    if (!record || !isLinkable(id, record, issuer)) return undefined;
    let isLinked = false;
    await accounts.update(id, (newest) => {
      const { linked = [] } = newest;
      // One person of each provider: an email that it gives to somebody else does not give them the account as well.
      isLinked = linked.every((each) => each.issuer !== issuer || each.id === identityId);
      return isLinked ? { ...newest, linked: [...without(linked, identityId), { issuer, id: identityId }] } : newest;
    });
    if (!isLinked) return undefined;
    await store.write(names.identity(identityId), JSON.stringify({ accountId: id }));
    return id;
  }

  async function findOrCreate(identity: Identity): Promise<Pick<Arrived, 'accountId' | 'how'>> {
    const own = accountIdOf(identity.issuer, identity.subject);
    const linked = await findLinked(own);
    if (linked !== undefined) return { accountId: linked, how: 'known' };
    // Whoever has an account of their own keeps it, with its connections, when linking is configured later.
    if (await accounts.find(own)) return { accountId: own, how: 'known' };
    const found = identity.linksByEmail && identity.emailIsVerified ? await link(own, identity) : undefined;
    if (found !== undefined) return { accountId: found, how: 'linked' };
    const { email, name } = identity;
    await accounts.createAs(own, { email: normalizeEmail(email), name, disabled: false, memberships: [] });
    return { accountId: own, how: 'created' };
  }

  /** An organization that the configuration names is there when the first of its people comes. */
  async function findOrganizationId({ slug, name = slug }: GivenMembership): Promise<string> {
    const found = await organizations.findBySlug(slug);
    if (found) return found.id;
    try {
      return (await organizations.create({ slug, name })).id;
    } catch (error) {
      const made = error instanceof DirectoryError ? await organizations.findBySlug(slug) : undefined;
      if (!made) throw error;
      return made.id;
    }
  }

  /** A verified email leads to this account, so that the operator's commands find it by email; an unverified one leads to none. */
  async function moveEmail(accountId: string, before: string, { email, emailIsVerified }: Identity): Promise<void> {
    const now = normalizeEmail(email);
    if (emailIsVerified && now !== '') await accounts.claimEmail(accountId, now);
    if (before !== now || !emailIsVerified) await accounts.releaseEmail(accountId, before);
  }

  async function arrive(identity: Identity): Promise<Arrived> {
    const { accountId, how } = await findOrCreate(identity);
    const { provider: by } = identity;
    const given = await Promise.all(
      identity.memberships.map(async (each) => ({
        organizationId: await findOrganizationId(each),
        role: each.role,
        by,
      })),
    );
    const isOwn = accountId.startsWith(identityPrefix);
    let before: AccountRecord | undefined;
    let after: AccountRecord | undefined;
    await accounts.update(accountId, (record) => {
      before = record;
      const named = isOwn ? rename(record, identity) : record;
      after = record.disabled ? record : { ...named, memberships: mergeMemberships(record.memberships, given, by) };
      return after;
    });
    if (isOwn && before && !before.disabled) await moveEmail(accountId, before.email, identity);
    return { accountId, how, ...compareMemberships(before?.memberships ?? [], after?.memberships ?? []) };
  }

  async function unlink(accountId: string): Promise<number> {
    let count = 0;
    await accounts.update(accountId, ({ linked = [], ...record }) => {
      count = linked.length;
      return record;
    });
    return count;
  }

  return {
    arrive,
    unlink,
    async findAccountIdOf(issuer, subject) {
      const own = accountIdOf(issuer, subject);
      return (await findLinked(own)) ?? own;
    },
  };
}

/**
 * The operator typed the email in, or a provider said it that is believed about emails: otherwise whoever signs in somewhere
 * with the email of somebody else, before they come, would share their account. Two people of one provider are two.
 */
function isLinkable(accountId: string, { emailBy }: AccountRecord, issuer: string): boolean {
  return !accountId.startsWith(identityPrefix) || (emailBy !== undefined && emailBy !== issuer);
}

const without = (linked: readonly LinkedIdentity[], identityId: string) => linked.filter(({ id }) => id !== identityId);

/** The account of an identity is called what its provider says; that of somebody who was found by email is not. */
function rename(
  record: AccountRecord,
  { email, name, issuer, linksByEmail, emailIsVerified }: Identity,
): AccountRecord {
  const { emailBy: _former, ...rest } = record;
  const isBelieved = linksByEmail && emailIsVerified;
  return { ...rest, email: normalizeEmail(email), name, ...(isBelieved && { emailBy: issuer }) };
}
