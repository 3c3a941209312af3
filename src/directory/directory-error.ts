/** Why an administration verb was refused. The message may change, the code may not. */
export type DirectoryErrorCode =
  | 'ACCOUNT_UNKNOWN'
  | 'DIRECTORY_BUSY'
  | 'EMAIL_INVALID'
  | 'EMAIL_TAKEN'
  | 'ORGANIZATION_UNKNOWN'
  | 'PASSWORD_REPLACED'
  | 'PASSWORD_TOO_LONG'
  | 'PASSWORD_TOO_SHORT'
  | 'SLUG_INVALID'
  | 'SLUG_TAKEN';

// Neither email nor password: messages end up in logs.
const messages: Record<DirectoryErrorCode, string> = {
  ACCOUNT_UNKNOWN: 'There is no such account.',
  DIRECTORY_BUSY: 'The account is being changed by too many at once; try again.',
  EMAIL_INVALID: 'This is not an email address.',
  EMAIL_TAKEN: 'An account with this email exists.',
  ORGANIZATION_UNKNOWN: 'There is no such organization.',
  PASSWORD_REPLACED: 'The password was changed meanwhile.',
  PASSWORD_TOO_LONG: 'A password has at most 1024 characters.',
  PASSWORD_TOO_SHORT: 'A password has at least 8 characters.',
  SLUG_INVALID: 'A slug has 1 to 63 characters: a-z, 0-9, and hyphens between them.',
  SLUG_TAKEN: 'An organization with this slug exists.',
};

export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly code: DirectoryErrorCode;

  constructor(code: DirectoryErrorCode) {
    super(messages[code]);
    this.code = code;
  }
}
