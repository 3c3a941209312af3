import type { DirectoryAdministration } from './administration.ts';
import { demonstrationAccounts, demonstrationPassword, seedDemonstration } from './demonstration.ts';
import type { Account } from './directory.ts';
import { normalizeEmail } from './email.ts';

/** The password of these accounts is printed in our README: to whoever can reach the server they are open doors. */
class DemonstrationAccountsFound extends Error {
  override readonly name = 'DemonstrationAccountsFound';
  readonly code = 'DEMONSTRATION_ACCOUNTS';

  constructor(emails: readonly string[]) {
    super(
      [
        'This server cannot start: its store holds accounts of the demonstration, whose password everybody knows.',
        `  ${emails.join(', ')}`,
        '  Remove them with  npm run accounts -- remove-demonstration  (of an installed package:',
        '  bkend-mcp-auth-accounts remove-demonstration), with the settings of this server.',
      ].join('\n'),
    );
  }
}

type Accounts = Pick<DirectoryAdministration, 'findAccountByEmail' | 'hasPassword'>;

/** Those that still have the known password, also disabled ones; whoever changed theirs has an account like any other. */
async function findDemonstrationAccounts(directory: Accounts): Promise<Account[]> {
  const found = await Promise.all(
    demonstrationAccounts.map(async ({ email }) => {
      const account = await directory.findAccountByEmail(email);
      return account && (await directory.hasPassword(account.id, demonstrationPassword)) ? [account] : [];
    }),
  );
  return found.flat();
}

/** Fills an empty directory where that is wanted; throws where other people come and one of these accounts is there, after `leave`. */
export async function prepareDemonstration(
  directory: DirectoryAdministration,
  { isWanted, isPublic }: { readonly isWanted: boolean; readonly isPublic: boolean },
  leave: () => Promise<void> | undefined,
): Promise<void> {
  if (!isPublic) return isWanted ? seedDemonstration(directory) : undefined;
  const found = await findDemonstrationAccounts(directory);
  if (found.length === 0) return;
  await leave();
  throw new DemonstrationAccountsFound(found.map(({ email }) => email));
}

/** Whether these are the credentials that our README prints, in whatever spelling a directory takes for the same. */
export function isDemonstrationAccount(email: string, password: string): boolean {
  const isKnown = demonstrationAccounts.some((account) => account.email === normalizeEmail(email));
  return isKnown && password.normalize('NFKC') === demonstrationPassword;
}

type Removal = Accounts & Pick<DirectoryAdministration, 'disableAccount' | 'removeAccount'>;

/** Ends what they connected, and removes them. Their organizations stay: others may be members by now. */
export async function removeDemonstration(directory: Removal): Promise<string[]> {
  const found = await findDemonstrationAccounts(directory);
  for (const { id } of found) {
    await directory.disableAccount(id);
    await directory.removeAccount(id);
  }
  return found.map(({ email }) => email);
}
