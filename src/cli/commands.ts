import { removeDemonstration } from '../directory/index.ts';
import { type Command, command, type Described } from './command.ts';
import { dataCommands } from './data-commands.ts';
import { invite, listAccounts, withdraw } from './invitations.ts';
import { checkRole, findAccountId, findOrganizationId, readNewPassword, WrongUsage } from './words.ts';

export const commands: readonly Command[] = [
  command('organization', '<slug> <name>', 'creates an organization', async ({ directory }, slug = '', name = '') => {
    const { id } = await directory.createOrganization({ slug, name });
    return `organization ${slug} created, ${id}`;
  }),
  command(
    'add',
    '<email> <name> [<slug>:<role> …]',
    'creates an account; the password is read from standard input',
    async ({ directory, roles }, email = '', name = '', ...places) => {
      const memberships = await Promise.all(
        places.map(async (place) => {
          const [slug = '', word = ''] = place.split(':');
          const role = checkRole(word, roles);
          return { organizationId: await findOrganizationId(directory, slug), role };
        }),
      );
      const password = await readNewPassword([email, name]);
      const { id } = await directory.createAccount({ email, name, password, memberships });
      return `account ${email} created, ${id}`;
    },
  ),
  command(
    'invite',
    '<email> --organization <slug> --role <role>',
    'mails a link to make an account with, or prints it where no mail server is set; it works once, for 7 days',
    invite,
  ),
  command('withdraw', '<email>', 'withdraws an invitation that nobody has accepted', withdraw),
  command('list', '', 'lists the accounts, and the invitations that nobody has accepted yet', listAccounts),
  command(
    'member',
    '<email> <slug> <role>',
    'makes a member, or changes the role',
    async ({ directory, roles }, email = '', slug = '', role = '') => {
      const [account, organization] = [
        await findAccountId(directory, email),
        await findOrganizationId(directory, slug),
      ];
      await directory.setMembership(account, organization, checkRole(role, roles));
      return `${email} is ${role} of ${slug}`;
    },
  ),
  command(
    'leave',
    '<email> <slug>',
    'ends a membership; gateways refuse its tokens from now on',
    async ({ directory }, email = '', slug = '') => {
      const [account, organization] = [
        await findAccountId(directory, email),
        await findOrganizationId(directory, slug),
      ];
      const wasMember = await directory.endMembership(account, organization);
      if (!wasMember) throw new WrongUsage(`${email} is no member of ${slug}.`);
      return `${email} left ${slug}`;
    },
  ),
  command(
    'disable',
    '<email>',
    'the account can neither sign in nor refresh from now on',
    async ({ directory }, email = '') => {
      await directory.disableAccount(await findAccountId(directory, email));
      return `${email} is disabled`;
    },
  ),
  command('enable', '<email>', 'the account can sign in again', async ({ directory }, email = '') => {
    await directory.enableAccount(await findAccountId(directory, email));
    return `${email} is enabled`;
  }),
  command(
    'password',
    '<email>',
    'changes the password, read from standard input',
    async ({ directory, tellOwner }, email = '') => {
      const accountId = await findAccountId(directory, email);
      await directory.changePassword(accountId, await readNewPassword([email]));
      await tellOwner(accountId, 'password');
      return `the password of ${email} is changed`;
    },
  ),
  command(
    'reset-factors',
    '<email>',
    'removes its authenticator apps, passkeys and recovery codes, for who has lost them',
    async ({ directory, resetFactors, tellOwner }, email = '') => {
      const accountId = await findAccountId(directory, email);
      const count = await resetFactors(accountId);
      if (count === 0) throw new WrongUsage(`${email} has no second factor.`);
      await tellOwner(accountId, 'factors-reset');
      return `${email} signs in with the password alone; ${count} removed`;
    },
  ),
  command(
    'unlink',
    '<email>',
    'people of identity providers who were found by this email sign in to the account no more',
    async ({ directory }, email = '') => {
      const count = await directory.unlink(await findAccountId(directory, email));
      if (count === 0) throw new WrongUsage(`Nobody of an identity provider signs in to ${email}.`);
      return `${email} is unlinked; the next who comes with this email may be found`;
    },
  ),
  command(
    'remove-demonstration',
    '',
    'removes the accounts whose password everybody knows, and ends their connections',
    async ({ directory }) => {
      const removed = await removeDemonstration(directory);
      if (removed.length === 0)
        throw new WrongUsage('There is no account of the demonstration with its known password.');
      return `${removed.join(', ')} ${removed.length === 1 ? 'is' : 'are'} removed`;
    },
  ),
  command(
    'disconnect',
    '<connection id>',
    'ends one connection; gateways refuse its tokens from now on',
    async ({ endConnection }, id = '') => {
      if (!(await endConnection(id))) throw new WrongUsage(`There is no connection ${id}.`);
      return `${id} is disconnected`;
    },
  ),
  command(
    'forget',
    '<client id>',
    'removes a registered client and ends its connections',
    async ({ forgetClient }, id = '') => {
      if (!(await forgetClient(id))) throw new WrongUsage(`There is no client ${id}.`);
      return `${id} is forgotten`;
    },
  ),
  ...dataCommands,
];

/** Is done without opening the store, which would create it. */
export const backupCommand: Described = {
  name: 'backup',
  words: '<file>',
  meaning: 'copies the database (SQLite) of a running server into a new file',
};

export const usage = [
  'usage: npm run accounts -- <command>     (of an installed package: bkend-mcp-auth-accounts <command>)',
  '',
  ...[...commands, backupCommand].map(({ name, words, meaning }) => `  ${`${name} ${words}`.padEnd(49)}  ${meaning}`),
].join('\n');
