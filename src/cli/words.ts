import { text } from 'node:stream/consumers';
import { findLengthError, type LocalDirectory, type Organization } from '../directory/index.ts';
import { isEasyToGuess, wordsAbout } from '../passwords/index.ts';

/** The operator's words do not say what could be done. Its message is all they need. */
export class WrongUsage extends Error {
  readonly code = 'WRONG_USAGE';
}

export function checkRole(role: string, roles: readonly string[]): string {
  if (!roles.includes(role)) throw new WrongUsage(`There is no role ${role}; there are ${roles.join(', ')}.`);
  return role;
}

export async function findAccountId(directory: LocalDirectory, email: string): Promise<string> {
  // By its id as well: the log has that of people of an identity provider, whose email need not find them.
  const account = (await directory.findAccountByEmail(email)) ?? (await directory.findAccountById(email));
  if (!account) throw new WrongUsage(`There is no account ${email}.`);
  return account.id;
}

export async function findOrganization(directory: LocalDirectory, slug: string): Promise<Organization> {
  const organization = await directory.findOrganizationBySlug(slug);
  if (!organization) throw new WrongUsage(`There is no organization ${slug}.`);
  return organization;
}

export async function findOrganizationId(directory: LocalDirectory, slug: string): Promise<string> {
  return (await findOrganization(directory, slug)).id;
}

/** `--organization acme --role member`, after what has no name. */
export function readOptions(words: readonly string[], names: readonly string[]): Record<string, string> {
  const options = Object.fromEntries(names.map((name) => [name, words[words.indexOf(`--${name}`) + 1] ?? '']));
  const missing = names.find(
    (name) => !words.includes(`--${name}`) || !options[name] || options[name].startsWith('--'),
  );
  if (missing !== undefined) throw new WrongUsage(`--${missing} is missing.`);
  return options;
}

/** From standard input: an argument is seen by everybody who may list the processes of this machine. */
async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Password, then Ctrl-D (it is shown; better: pipe it in):\n');
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}

/** The same passwords are too easy here as on a page. */
export async function readNewPassword(about: readonly string[]): Promise<string> {
  const password = await readPassword();
  if (findLengthError(password) === undefined && (await isEasyToGuess(password, wordsAbout(...about))))
    throw new WrongUsage('This password is easy to guess, or on lists of stolen ones.');
  return password;
}
