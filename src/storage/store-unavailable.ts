/**
 * The store did not answer. Shaped like an error of oidc-provider, so that its error handling answers 503
 * `temporarily_unavailable` by itself: a client that reads `invalid_grant` would throw its tokens away (R63).
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code = 'STORE_UNAVAILABLE';
  readonly error = 'temporarily_unavailable';
  readonly error_description = 'the server cannot reach its storage, try again in a moment';
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;
  readonly allow_redirect = true;

  constructor(cause: unknown) {
    super('temporarily_unavailable', { cause });
  }
}
