/**
 * What is asked on the way does not answer. Shaped like an error of oidc-provider, so that its error handling answers 503
 * `temporarily_unavailable` by itself: a client that reads `invalid_grant` would throw its tokens away (R63).
 */
export abstract class TemporarilyUnavailable extends Error {
  readonly error = 'temporarily_unavailable';
  abstract readonly error_description: string;
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;
  /** A page that tries again by itself: at the tool the flow would be over (12 % of those during cut lines). */
  readonly allow_redirect = false;

  constructor(cause: unknown) {
    super('temporarily_unavailable', { cause });
  }
}
