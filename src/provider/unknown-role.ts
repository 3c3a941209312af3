import { errors } from 'oidc-provider';

/**
 * An error of the operator's: neither a token that allows nothing, nor `invalid_grant`, after which a tool throws its tokens away.
 * Nothing is taken, and when the role is configured the tool goes on.
 */
export class UnknownRole extends errors.TemporarilyUnavailable {
  readonly code = 'ROLE_UNKNOWN';
  override status = 503;
  override statusCode = 503;

  constructor() {
    super('the role in this organization is not configured here; tell whoever runs this server');
  }
}
