import { isMailable } from '../mail/index.ts';
import type { Tools } from './tools.ts';
import { checkRole, findOrganizationId, readOptions, WrongUsage } from './words.ts';

/** The link is shown only where it was not mailed: whoever sees it can have the account. */
export async function invite(tools: Tools, email = '', ...words: string[]): Promise<string> {
  const { directory, invitations, letters, mailer } = tools;
  if (!tools.takesPasswords) throw new WrongUsage('Nobody signs in with a password here (signIn.passwords).');
  const { organization: slug = '', role = '' } = readOptions(words, ['organization', 'role']);
  if (!isMailable(email)) throw new WrongUsage('This is not an email address to which anything can be sent.');
  checkRole(role, tools.roles);
  const organizationId = await findOrganizationId(directory, slug);
  if (await directory.findAccountByEmail(email))
    throw new WrongUsage(`There is an account ${email}; member makes it a member of ${slug}.`);
  const token = await invitations.invite({ email, organizationId, role });
  const organization = (await directory.findOrganization(organizationId))?.name ?? slug;
  const isSent = await mailer?.send(letters.invitation(tools.words, { email, organization }, token));
  if (isSent) return `${email} is invited to ${slug} as ${role}; the mail is on its way`;
  const why = mailer ? 'the mail server did not take the mail' : 'there is no mail server (SMTP_URL)';
  return `${email} is invited to ${slug} as ${role}; ${why}, so give them this link:\n${letters.invitationHref(token)}`;
}

export async function withdraw({ invitations }: Tools, email = ''): Promise<string> {
  if ((await invitations.withdraw(email)) === 0) throw new WrongUsage(`There is no invitation for ${email}.`);
  return `the invitation for ${email} is withdrawn`;
}

export async function listAccounts({ directory, invitations }: Tools): Promise<string> {
  const accounts = (await directory.listAccounts()).map(({ email, disabled, memberships }) => {
    const places = memberships.map(({ organization, role }) => `${organization}:${role}`).join(' ');
    return [email, places || 'no organization', ...(disabled ? ['disabled'] : [])].join('  ');
  });
  const pending = await Promise.all(
    (await invitations.pending()).map(async ({ content: { email, organizationId, role, until } }) => {
      const slug = (await directory.findOrganization(organizationId))?.slug ?? organizationId;
      return `${email}  ${slug}:${role}  invited, until ${new Date(until * 1000).toISOString().slice(0, 10)}`;
    }),
  );
  const lines = [...accounts, ...pending.toSorted()];
  return lines.length === 0 ? 'no account, and no invitation' : lines.join('\n');
}
