/** What a person is told: each has words of its own (`sign-in`). */
export type ProviderRefusalKind =
  /** It does not answer, or not in time. */
  | 'away'
  /** What it answered cannot be used. */
  | 'unusable'
  /** It signed nobody in: its person, or it, said no. */
  | 'declined'
  /** They signed in there too long ago for what was asked. */
  | 'stale'
  /** It did not say when, or how, somebody signed in, and that was asked for. */
  | 'unproven'
  /** What came back belongs to no sign-in that this browser has begun, or to one that is over. */
  | 'late'
  /** No email of theirs is verified, and there it has to be. */
  | 'without-email';

/** A sign-in at an identity provider that came to nothing. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: ProviderRefusalKind;
  /** Which check failed: for the log, and without anything that the provider or a stranger wrote. */
  readonly check: string;

  constructor(kind: ProviderRefusalKind, check: string, options?: ErrorOptions) {
    super(`${kind}: ${check}`, options);
    this.kind = kind;
    this.check = check;
  }
}
