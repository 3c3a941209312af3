import { errors } from 'oidc-provider';

/** Tells a client what its second use of a code or refresh token did, and what to do now (R67, R107). */
export class TokenReused extends errors.InvalidGrant {
  override error_description = 'grant revoked - restart authorization';

  constructor(detail: string) {
    super(detail);
  }
}

/** The same, where nobody did anything wrong: an answer of ours was lost. */
export class AnswerLost extends errors.InvalidGrant {
  override error_description = 'the code was used by a request that we could not answer - restart authorization';

  constructor() {
    super('the answer to the first redemption was lost');
  }
}
