import { DirectoryError } from './directory-error.ts';

// RFC 5321 §4.5.3.1.3: a path has at most 256 octets, two of which are the angle brackets.
const maxEmailLength = 254;

/** One spelling per mailbox, so that `Ada@Example.com` is neither a second account nor a second set of tries. */
export function normalizeEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}

/** Only what cannot be an address at all is refused: a message that arrives is the only real proof. */
export function checkEmail(normalizedEmail: string): void {
  if (normalizedEmail.length > maxEmailLength || !/^[^\s@]+@[^\s@]+$/.test(normalizedEmail)) {
    throw new DirectoryError('EMAIL_INVALID');
  }
}
