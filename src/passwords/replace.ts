import type { Policy } from '../config/index.ts';
import type { Endings } from '../connections/index.ts';
import type { Account, DirectoryAdministration } from '../directory/index.ts';
import type { Mailer } from '../mail/index.ts';
import type { Words } from '../messages/index.ts';
import type { SessionCutoff } from '../sessions/index.ts';
import type { Letters } from './letters.ts';

export interface Replacement {
  readonly password: string;
  /** Of the password that it takes the place of; `PASSWORD_REPLACED` when that is another one by now. */
  readonly version: number;
  /** Whether the tools end that were connected until now; the policy may want it anyway. */
  readonly disconnects: boolean;
  readonly words: Words;
}

/** The one way to another password for whoever is not the operator: every session of before ends, and the person is told. */
export type ReplacePassword = (account: Account, replacement: Replacement) => Promise<void>;

interface Parts {
  readonly policy: Pick<Policy, 'signIn'>;
  readonly directory: Pick<DirectoryAdministration, 'changePassword'>;
  readonly endings: Pick<Endings, 'disconnectAll'>;
  readonly cutoff: Pick<SessionCutoff, 'endEverywhere'>;
  readonly mailer: Mailer | undefined;
  readonly letters: Letters;
}

export function createReplacePassword(parts: Parts): ReplacePassword {
  const { directory, endings, cutoff, mailer, letters } = parts;
  // The directory sees to it then.
  const { passwordChangeEndsConnections: endsAll } = parts.policy.signIn;
  return async (account, { password, version, disconnects, words }) => {
    await directory.changePassword(account.id, password, version);
    if (!endsAll) await cutoff.endEverywhere(account.id);
    if (!endsAll && disconnects) await endings.disconnectAll(account.id);
    mailer?.post(letters.changed(words, account));
  };
}
