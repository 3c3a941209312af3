import type { ConnectionOwner } from '../connections/index.ts';
import { identityPrefix } from '../directory/index.ts';
import { type Command, command } from './command.ts';
import type { Tools } from './tools.ts';
import { findAccountId, findOrganization, WrongUsage } from './words.ts';

/** What the law lets a person ask of whoever keeps data about them: to have it, to have it right, and to have it gone. */
export const dataCommands: readonly Command[] = [
  command(
    'rename',
    '<email> <name>',
    'calls an account something else',
    async ({ directory }, email = '', name = '') => {
      const id = await findAccountId(directory, email);
      if (id.startsWith(identityPrefix)) throw new WrongUsage(`${email} is called what its identity provider says.`);
      await directory.renameAccount(id, name);
      return `account ${id} is called ${name}`;
    },
  ),
  command(
    'rename-organization',
    '<slug> <name>',
    'calls an organization something else; its slug stays',
    async ({ directory }, slug = '', name = '') => {
      await directory.renameOrganization(await findOrganization(directory, slug), name);
      return `organization ${slug} is called ${name}`;
    },
  ),
  command(
    'export',
    '<email>',
    'writes what is kept of a person, as JSON; secrets are left out',
    async (tools, email = '') => {
      const accountId = await findAccountId(tools.directory, email);
      const account = await tools.directory.describeAccount(accountId);
      const [factors, connections] = await Promise.all([
        tools.describeFactors(accountId),
        connectionsOf(tools, { accountId }),
      ]);
      return asJson({ account, ...factors, connections });
    },
  ),
  command('export-organization', '<slug>', 'the same of an organization', async (tools, slug = '') => {
    const organization = await findOrganization(tools.directory, slug);
    const [members, connections] = await Promise.all([
      tools.directory.membersOf(organization.id),
      connectionsOf(tools, { organizationId: organization.id }),
    ]);
    return asJson({ organization, members, connections });
  }),
  command(
    'delete',
    '<email> --yes',
    'deletes an account for good, and ends its connections',
    async (tools, email = '', yes = '') => {
      const accountId = await findAccountId(tools.directory, email);
      await ask(tools, { accountId }, yes);
      // Disabled first: nothing comes in between, and where this stops half-way it can be asked for again.
      await tools.directory.disableAccount(accountId);
      await tools.directory.removeAccount(accountId);
      tools.emit({ event: 'account.deleted', account: accountId });
      return `account ${accountId} is deleted`;
    },
  ),
  command(
    'delete-organization',
    '<slug> --yes',
    'the same of an organization; its members stay',
    async (tools, slug = '', yes = '') => {
      const organization = await findOrganization(tools.directory, slug);
      await ask(tools, { organizationId: organization.id }, yes);
      await tools.directory.removeOrganization(organization);
      const invited = (await tools.invitations.pending()).filter(
        (each) => each.content.organizationId === organization.id,
      );
      for (const { content } of invited) await tools.invitations.withdraw(content.email);
      tools.emit({ event: 'organization.deleted', organization: organization.id });
      return `organization ${organization.id} is deleted`;
    },
  ),
];

/** Without what only finds them and their tokens. */
async function connectionsOf(tools: Tools, owner: ConnectionOwner) {
  const connections = await tools.connectionsOf(owner);
  return connections.map(({ mark: _mark, lines: _lines, ...told }) => told);
}

async function ask({ connectionsOf }: Tools, owner: ConnectionOwner, yes: string): Promise<void> {
  if (yes === '--yes') return;
  const { length } = await connectionsOf(owner);
  const ending = length === 0 ? '' : `, and end ${length === 1 ? 'a connection' : `${length} connections`}`;
  throw new WrongUsage(`This would delete ${Object.values(owner)[0]} for good${ending}. Add --yes if that is meant.`);
}

const asJson = (what: unknown) => JSON.stringify(what, null, 2);
