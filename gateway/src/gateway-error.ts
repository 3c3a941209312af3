/** Every reason for which the kit says no. Messages may change, codes do not. */
export type GatewayErrorCode =
  | 'OPTIONS_INVALID'
  | 'TOKEN_MISSING'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_INVALID'
  | 'TOKEN_REVOKED'
  | 'REVOCATIONS_UNKNOWN'
  | 'SCOPE_INSUFFICIENT'
  | 'BODY_TOO_LONG'
  | 'BODY_TOO_SLOW'
  | 'ANSWER_UNREADABLE'
  | 'ISSUER_UNAVAILABLE'
  | 'IDENTITY_MISSING';

/**
 * The one error of this kit. `message` and `cause` are for the operator's log, never for the client:
 * what a client may know is in `challenge.ts`.
 */
export class GatewayError extends Error {
  readonly code: GatewayErrorCode;

  constructor(code: GatewayErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GatewayError';
    this.code = code;
  }
}
