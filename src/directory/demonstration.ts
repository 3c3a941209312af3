import type { DirectoryAdministration } from './administration.ts';
import type { Organization } from './directory.ts';
import { DirectoryError, type DirectoryErrorCode } from './directory-error.ts';

interface DemonstrationAccount {
  readonly email: string;
  readonly name: string;
  readonly memberships: readonly { readonly slug: string; readonly name: string; readonly role: string }[];
}

export const demonstrationPassword = 'demo-password';

/** One person with a choice, one without, one who needs an organization first. */
export const demonstrationAccounts: readonly DemonstrationAccount[] = [
  {
    email: 'demo@example.com',
    name: 'Demo Person',
    memberships: [
      { slug: 'acme', name: 'Acme Corp', role: 'owner' },
      { slug: 'globex', name: 'Globex', role: 'viewer' },
    ],
  },
  {
    email: 'solo@example.com',
    name: 'Solo Person',
    memberships: [{ slug: 'initech', name: 'Initech', role: 'member' }],
  },
  { email: 'new@example.com', name: 'New Person', memberships: [] },
];

/**
 * Fills an empty directory, and no other: an account with a published password must never appear among real ones.
 * Processes that start at once may all find it empty; each name is then created by whoever comes first.
 */
export async function seedDemonstration(directory: DirectoryAdministration): Promise<void> {
  if (!(await directory.isEmpty())) return;
  await Promise.all(demonstrationAccounts.map((account) => seedAccount(directory, account)));
}

async function seedAccount(directory: DirectoryAdministration, account: DemonstrationAccount): Promise<void> {
  const memberships = await Promise.all(
    account.memberships.map(async ({ slug, name, role }) => {
      const organization = await findOrCreateOrganization(directory, slug, name);
      return { organizationId: organization.id, role };
    }),
  );
  const { email, name } = account;
  await directory
    .createAccount({ email, name, password: demonstrationPassword, memberships })
    .catch(ignore('EMAIL_TAKEN'));
}

async function findOrCreateOrganization(
  directory: DirectoryAdministration,
  slug: string,
  name: string,
): Promise<Organization> {
  const created = await directory.createOrganization({ slug, name }).catch(ignore('SLUG_TAKEN'));
  const organization = created ?? (await directory.findOrganizationBySlug(slug));
  if (!organization) throw new DirectoryError('ORGANIZATION_UNKNOWN');
  return organization;
}

function ignore(code: DirectoryErrorCode): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof DirectoryError && error.code === code)) throw error;
    return undefined;
  };
}
