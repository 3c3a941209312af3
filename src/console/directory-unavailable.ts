import { TemporarilyUnavailable } from '../storage/index.ts';

/** The console did not answer, or not with what can be believed. */
export class DirectoryUnavailable extends TemporarilyUnavailable {
  override readonly name = 'DirectoryUnavailable';
  readonly code = 'DIRECTORY_UNAVAILABLE';
  readonly error_description = 'the accounts of this server cannot be reached, try again in a moment';
  /** Which check failed. For the log, never for whoever asked. */
  readonly check: string;
  /** Whether nobody answers, whatever is asked; otherwise this one answer is wrong. */
  readonly isAway: boolean;

  constructor(check: string, { isAway = false, cause }: { readonly isAway?: boolean; readonly cause?: unknown } = {}) {
    super(cause);
    this.check = check;
    this.isAway = isAway;
  }
}
