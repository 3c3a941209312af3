import { type Config, takesPasswords } from '../config/index.ts';
import type { Directory, LocalDirectory } from '../directory/index.ts';
import { createMailer, createSmtp, type Mailer } from '../mail/index.ts';
import type { Events } from '../operations/index.ts';
import { createPasswords, type Passwords } from '../passwords/index.ts';

type PasswordPageParts = Parameters<typeof createPasswords>[0];

export interface PasswordCompositionParts
  extends Omit<PasswordPageParts, 'directory' | 'mailer' | 'isSignedInElsewhere'> {
  readonly policy: PasswordPageParts['policy'] & Parameters<typeof takesPasswords>[0];
  readonly localDirectory: LocalDirectory;
  /** In place of the accounts here. */
  readonly own?: Directory | undefined;
  readonly mail: Config['mail'];
  /** Whether anybody else may read the log. */
  readonly isPublic: boolean;
}

/** Nothing where accounts, or all passwords, are elsewhere. */
export function connectPasswords(
  parts: PasswordCompositionParts,
  isSignedInElsewhere: (email: string) => boolean,
): Passwords | undefined {
  const { policy, own, localDirectory: directory } = parts;
  if (own || policy.directory.kind !== 'local' || !takesPasswords(policy)) return undefined;
  return createPasswords({ ...parts, directory, mailer: connectMail(parts), isSignedInElsewhere });
}

function connectMail({ mail, isPublic, events }: Pick<PasswordCompositionParts, 'mail' | 'isPublic' | 'events'>) {
  if (mail)
    return createMailer({
      handOver: createSmtp(mail),
      onSent: (sent) => events.emit({ event: 'mail.sent', ...sent }),
      onFailed: (failed) => events.emit({ event: 'mail.failed', ...failed }),
    });
  return isPublic ? undefined : createPrinter(events);
}

/** For whoever tries it out: the links are good, so they are in no log that others keep. */
function createPrinter(events: Events): Mailer {
  return createMailer({
    async handOver({ kind, to, subject, text }) {
      events.emit({
        event: 'mail.printed',
        kind,
        sentence: `no SMTP_URL, so this is not mailed to ${to}: ${subject}\n${text}`,
      });
    },
  });
}
