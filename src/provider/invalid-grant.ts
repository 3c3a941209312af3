import { errors } from 'oidc-provider';

/**
 * What was presented is of no use (RFC 6749 §5.2), and what to do now (R107): tools show or log the description, and some
 * repeat the request until somebody reads it. Which check refused is for the log.
 */
export class InvalidGrant extends errors.InvalidGrant {
  override error_description = 'grant request is invalid - restart authorization';

  constructor(detail: string) {
    super(detail);
  }
}

/** Tells a client what its second use of a code or refresh token did (R67). */
export class TokenReused extends InvalidGrant {
  override error_description = 'grant revoked - restart authorization';
}

/** The same, where nobody did anything wrong: an answer of ours was lost. */
export class AnswerLost extends InvalidGrant {
  override error_description = 'the code was used by a request that we could not answer - restart authorization';

  constructor() {
    super('the answer to the first redemption was lost');
  }
}
