import { createDomain } from '../composition/index.ts';
import type { Config } from '../config/index.ts';
import { explainStartError, loadConfigWithEnvFile } from '../process/index.ts';
import { backUpTo } from './backup.ts';
import type { Command } from './command.ts';
import { backupCommand, commands, usage } from './commands.ts';
import { createTools } from './tools.ts';
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
  const domain = await createDomain(config);
  const tools = createTools(config, domain);
  try {
    return await command.run(tools, words);
  } finally {
    await tools.mailer?.close();
    await domain.storage.store.close();
  }
}
