import { text } from 'node:stream/consumers';
import type { LocalDirectory, Organization } from '../directory/index.ts';

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

/** From standard input: an argument is seen by everybody who may list the processes of this machine. */
export async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Password, then Ctrl-D (it is shown; better: pipe it in):\n');
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}
