#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { text } from 'node:stream/consumers';
import { createRegistrations } from './adapter/index.ts';
import { type Config, loadConfigFromProcess } from './config/index.ts';
import { createConnections, createEndings, createRevocations, tellOfEndings } from './connections/index.ts';
import { createLocalDirectory, type LocalDirectory } from './directory/index.ts';
import { createRegistrationLifetimes } from './provider/index.ts';
import { createSessionCutoff } from './sessions/index.ts';
import { explainFailure } from './start-failure.ts';
import { openStoreRing } from './store-ring.ts';

/** `npm run accounts -- …`, or `bkend-mcp-auth-accounts …`: what an operator does to the local directory. Passwords come on standard input, never as arguments. */
const usage = `usage: npm run accounts -- <command>     (of an installed package: bkend-mcp-auth-accounts <command>)

  organization <slug> <name>                 creates an organization
  add <email> <name> [<slug>:<role> …]       creates an account; the password is read from standard input
  member <email> <slug> <role>               makes a member, or changes the role
  leave <email> <slug>                       ends a membership; gateways refuse its tokens from now on
  disable <email>      enable <email>        an account that is disabled can neither sign in nor refresh
  password <email>                           changes the password, read from standard input
  disconnect <connection id>                 ends one connection; gateways refuse its tokens from now on
  forget <client id>                         removes a registered client and ends its connections
`;

interface Tools {
  readonly directory: LocalDirectory;
  readonly endConnection: (connectionId: string) => Promise<boolean>;
  readonly forgetClient: (clientId: string) => Promise<void>;
  readonly roles: readonly string[];
}

type Command = (tools: Tools, words: string[]) => Promise<string>;

const commands: Record<string, Command> = {
  async organization({ directory }, [slug, name]) {
    const { id } = await directory.createOrganization({ slug: given(slug), name: given(name) });
    return `organization ${slug} created, ${id}`;
  },
  async add(tools, [email, name, ...places]) {
    const memberships = await Promise.all(places.map((place) => readPlace(tools, place)));
    const password = await readPassword();
    const { id } = await tools.directory.createAccount({
      email: given(email),
      name: given(name),
      password,
      memberships,
    });
    return `account ${email} created, ${id}`;
  },
  async member({ directory, roles }, [email, slug, role]) {
    await directory.setMembership(
      await accountId(directory, email),
      await organizationId(directory, slug),
      known(role, roles),
    );
    return `${email} is ${role} of ${slug}`;
  },
  async leave({ directory }, [email, slug]) {
    await directory.endMembership(await accountId(directory, email), await organizationId(directory, slug));
    return `${email} left ${slug}`;
  },
  async disable({ directory }, [email]) {
    await directory.disableAccount(await accountId(directory, email));
    return `${email} is disabled`;
  },
  async enable({ directory }, [email]) {
    await directory.enableAccount(await accountId(directory, email));
    return `${email} is enabled`;
  },
  async password({ directory }, [email]) {
    await directory.changePassword(await accountId(directory, email), await readPassword());
    return `the password of ${email} is changed`;
  },
  async disconnect({ endConnection }, [connectionId]) {
    if (!(await endConnection(given(connectionId)))) throw new Misuse(`There is no connection ${connectionId}.\n`);
    return `${connectionId} is disconnected`;
  },
  async forget({ forgetClient }, [clientId]) {
    await forgetClient(given(clientId));
    return `${clientId} is forgotten`;
  },
};

class Misuse extends Error {
  readonly code = 'MISUSE';
}

function given(word: string | undefined): string {
  if (!word) throw new Misuse(usage);
  return word;
}

function known(role: string | undefined, roles: readonly string[]): string {
  if (!roles.includes(given(role))) throw new Misuse(`There is no role ${role}; there are ${roles.join(', ')}.\n`);
  return given(role);
}

async function accountId(directory: LocalDirectory, email: string | undefined) {
  const account = await directory.findAccountByEmail(given(email));
  if (!account) throw new Misuse(`There is no account ${email}.\n`);
  return account.id;
}

async function organizationId(directory: LocalDirectory, slug: string | undefined) {
  const organization = await directory.findOrganizationBySlug(given(slug));
  if (!organization) throw new Misuse(`There is no organization ${slug}.\n`);
  return organization.id;
}

async function readPlace({ directory, roles }: Tools, place: string) {
  const [slug, word] = place.split(':');
  const role = known(word, roles);
  return { organizationId: await organizationId(directory, slug), role };
}

async function readPassword() {
  if (process.stdin.isTTY) process.stderr.write('Password, then Ctrl-D (it is shown; better: pipe it in):\n');
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}

async function main([name = '', ...words]: string[]) {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new Misuse(usage);
  const config = loadConfigFromProcess();
  await carryOut(command, words, config).catch((error) => complain(error, config));
}

async function carryOut(command: Command, words: string[], config: Config) {
  const { policy } = config;
  const { store, keys, secrecy } = await openStoreRing(config, () => undefined);
  const local = createLocalDirectory({ store, keys, hash: secrecy.hash });
  const revocations = createRevocations({ store, keys, accessTokenTtl: policy.lifetimes.accessToken });
  const connections = createConnections({ store, keys, revocations, onEnded: () => undefined });
  const cutoff = createSessionCutoff({ store, keys });
  const signOutEverywhere = policy.signIn.passwordChangeEndsConnections ? cutoff.endEverywhere : undefined;
  const endings = createEndings({ connections, revocations, signOutEverywhere });
  const directory = tellOfEndings(local, endings);
  const forgetClient = async (clientId: string) => {
    // The client first: afterwards nobody can approve it any more.
    await createRegistrations({ store, keys, lifetimes: createRegistrationLifetimes(policy.lifetimes) }).remove(
      clientId,
    );
    await endings.clientRemoved(clientId);
  };
  try {
    const { endConnection } = endings;
    const tools = { directory, endConnection, forgetClient, roles: Object.keys(policy.roles) };
    process.stdout.write(`${await command(tools, words)}\n`);
  } finally {
    await store.close();
  }
}

function complain(error: Error, config?: Config) {
  process.stderr.write(`${explainFailure(error, config).trimEnd()}\n`);
  process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error) => complain(error));
