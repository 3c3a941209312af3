import type { LocalDirectory } from '../../src/directory/index.ts';
import type { TestServer } from './server.ts';

/** The accounts of a server that has them itself. */
export const accountsOf = ({ server }: Pick<TestServer, 'server'>) => server.directory as LocalDirectory;

/** Somebody new, who is a member of an organization: Acme unless told otherwise. */
export async function createMember(
  server: Pick<TestServer, 'server'>,
  name: string,
  { role = 'owner', slug = 'acme', email = `${name.replaceAll(' ', '-')}@example.com` } = {},
) {
  const directory = accountsOf(server);
  const organizationId = String((await directory.findOrganizationBySlug(slug))?.id);
  const password = 'a long password';
  const account = { email, name, password, memberships: [{ organizationId, role }] };
  const { id } = await directory.createAccount(account);
  return {
    id,
    organizationId,
    credentials: { email, password },
    becomes: (other: string) => directory.setMembership(id, organizationId, other),
    leaves: () => directory.endMembership(id, organizationId),
    isDisabled: () => directory.disableAccount(id),
  };
}
