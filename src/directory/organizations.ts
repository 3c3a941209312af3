import { randomBytes } from 'node:crypto';
import type { StoredRecord } from '../storage/index.ts';
import type { Organization } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryStorage } from './directory-storage.ts';

/** The records of organizations: one each, found by id or by slug. */
export interface Organizations {
  find(organizationId: string): Promise<Organization | undefined>;
  /** In the order of the ids. */
  findMany(organizationIds: readonly string[]): Promise<(Organization | undefined)[]>;
  findBySlug(slug: string): Promise<Organization | undefined>;
  create(organization: { slug: string; name: string }): Promise<Organization>;
  /** Its slug stays: it is in URLs and tokens. */
  rename(organization: Organization, name: string): Promise<void>;
  /** For good; its slug may be given again, its id never is. */
  remove(organization: Organization): Promise<void>;
}

// A slug travels in `?organization=` and in `org_slug`: the shape of a DNS label needs no escaping anywhere.
const slugForm = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export function createOrganizations({ store, names }: DirectoryStorage): Organizations {
  async function find(organizationId: string): Promise<Organization | undefined> {
    return readOrganization(organizationId, await store.read(names.organization(organizationId)));
  }

  async function findMany(organizationIds: readonly string[]): Promise<(Organization | undefined)[]> {
    if (organizationIds.length === 0) return [];
    const stored = await store.readMany(organizationIds.map(names.organization));
    return organizationIds.map((id, n) => readOrganization(id, stored[n]));
  }

  async function findBySlug(slug: string): Promise<Organization | undefined> {
    const stored = await store.read(names.organizationBySlug(slug));
    return stored && find(JSON.parse(stored.value).organizationId);
  }

  async function create({ slug, name }: { slug: string; name: string }): Promise<Organization> {
    if (!slugForm.test(slug)) throw new DirectoryError('SLUG_INVALID');
    const id = `org_${randomBytes(16).toString('base64url')}`;
    // The record first: a crash in between leaves an organization nobody finds, not a slug nobody can use.
    await store.write(names.organization(id), JSON.stringify({ slug, name }));
    const isOurs = await store.writeIfAbsent(names.organizationBySlug(slug), JSON.stringify({ organizationId: id }));
    if (isOurs) return { id, slug, name };
    await store.remove([names.organization(id)]);
    throw new DirectoryError('SLUG_TAKEN');
  }

  async function rename({ id, slug, name: former }: Organization, name: string): Promise<void> {
    const [expected, changed] = [former, name].map((each) => JSON.stringify({ slug, name: each })) as [string, string];
    // Not a plain write: that would bring back one which somebody else removes.
    if (!(await store.compareAndSet(names.organization(id), expected, changed)))
      throw new DirectoryError('ORGANIZATION_UNKNOWN');
  }

  async function remove({ id, slug }: Organization): Promise<void> {
    // Both at once: memberships of an organization without a record count no more.
    await store.remove([names.organization(id), names.organizationBySlug(slug)]);
  }

  return { find, findMany, findBySlug, create, rename, remove };
}

export function readOrganization(id: string, stored: StoredRecord | undefined): Organization | undefined {
  return stored && { id, ...JSON.parse(stored.value) };
}
