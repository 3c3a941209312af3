/**
 * The console did not answer, or not with what can be believed. Shaped like an error of oidc-provider, so that its error
 * handling answers 503 `temporarily_unavailable` by itself: a client that reads `invalid_grant` would throw its tokens away (R63).
 */
export class DirectoryUnavailable extends Error {
  override readonly name = 'DirectoryUnavailable';
  readonly code = 'DIRECTORY_UNAVAILABLE';
  readonly error = 'temporarily_unavailable';
  readonly error_description = 'the accounts of this server cannot be reached, try again in a moment';
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;
  readonly allow_redirect = true;
  /** Which check failed. For the log, never for whoever asked. */
  readonly check: string;
  /** Whether nobody answers, whatever is asked; otherwise this one answer is wrong. */
  readonly isAway: boolean;

  constructor(check: string, { isAway = false, cause }: { readonly isAway?: boolean; readonly cause?: unknown } = {}) {
    super('temporarily_unavailable', { cause });
    this.check = check;
    this.isAway = isAway;
  }
}
