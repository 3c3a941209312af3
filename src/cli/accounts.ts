import { createDomain } from '../composition.ts';
import type { Config } from '../config/index.ts';
import type { Connection } from '../connections/index.ts';
import { explainStartError, loadConfigWithEnvFile } from '../process/index.ts';
import { backUpTo } from './backup.ts';
import type { Command, Tools } from './command.ts';
import { backupCommand, commands, usage } from './commands.ts';
import { WrongUsage } from './words.ts';

/** `npm run accounts -- …`, or `bkend-mcp-auth-accounts …`: what an operator does to the built-in directory. */
export async function runAccounts([name, ...words]: string[]): Promise<void> {
  let config: Config | undefined;
  try {
    const command = commands.find((each) => each.name === name);
    const file = name === backupCommand.name ? words[0] : undefined;
    if (!file && !(command && words.filter(Boolean).length >= command.needed)) throw new WrongUsage(usage);
    config = loadConfigWithEnvFile();
    if (command) refuseWhereConsoleIs(command, config);
    process.stdout.write(`${command ? await carryOut(command, words, config) : await backUpTo(file ?? '', config)}\n`);
  } catch (error) {
    process.stderr.write(`${explainStartError(error as Error, config).trimEnd()}\n`);
    process.exitCode = 1;
  }
}

/** It would succeed, and nobody could sign in. */
function refuseWhereConsoleIs({ name, isAboutAccounts }: Command, { policy, policyFile }: Config): void {
  if (!isAboutAccounts || policy.directory.kind !== 'console') return;
  throw new WrongUsage(
    `Accounts and organizations are in the console at ${policy.directory.url} (directory in ${policyFile}): do there what ${name} would do here.`,
  );
}

async function carryOut(command: Command, words: string[], config: Config): Promise<string> {
  const { storage, registrations, connections, endings, localDirectory } = await createDomain(config);
  const tools: Tools = {
    directory: localDirectory,
    roles: Object.keys(config.policy.roles),
    async connectionsOf(owner) {
      const found: Connection[] = [];
      for await (const slice of connections.slicesOf(owner)) found.push(...slice);
      return found;
    },
    endConnection: endings.endConnection,
    async forgetClient(clientId) {
      const { connections: some } = await connections.findPage({ clientId }, { number: 1, size: 1 });
      if (some.length === 0 && !(await storage.store.read(storage.names.client(clientId)))) return false;
      // The client first: afterwards nobody can approve it any more.
      await registrations.remove(clientId);
      await endings.clientRemoved(clientId);
      return true;
    },
  };
  try {
    return await command.run(tools, words);
  } finally {
    await storage.store.close();
  }
}
