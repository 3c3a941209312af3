import type { LocalDirectory } from '../../src/directory/index.ts';
import { connect } from './connect.ts';
import type { TestServer } from './server.ts';

/** The accounts of a server that has them itself. */
export const accountsOf = ({ server }: Pick<TestServer, 'server'>) => server.directory as LocalDirectory;

/** Somebody new, who is a member of an organization: Acme unless told otherwise. */
export async function createMember(
  server: Pick<TestServer, 'server'>,
  name: string,
  { role = 'owner', slug = 'acme', password = 'a long password' } = {},
) {
  const directory = accountsOf(server);
  const organizationId = String((await directory.findOrganizationBySlug(slug))?.id);
  const email = `${name.replaceAll(' ', '-')}@example.com`;
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

/** And a tool that they have connected. */
export async function connectMember(server: TestServer, name: string, { role = 'owner', request = {} } = {}) {
  const member = await createMember(server, name, { role });
  return { ...member, ...(await connect(server, { actions: member.credentials, request })) };
}
export type ConnectedMember = Awaited<ReturnType<typeof connectMember>>;
