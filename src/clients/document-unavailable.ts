/**
 * A document that should be there cannot be read just now. Shaped like an error of oidc-provider, so that its error
 * handling answers 503 `temporarily_unavailable` by itself: a client that reads `invalid_client` throws its tokens away
 * (R77).
 */
export class ClientDocumentUnavailable extends Error {
  override readonly name = 'ClientDocumentUnavailable';
  readonly code = 'CLIENT_DOCUMENT_UNAVAILABLE';
  readonly error = 'temporarily_unavailable';
  readonly error_description = 'the client_id metadata document cannot be fetched, try again in a moment';
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;
  readonly allow_redirect = true;

  constructor(cause: unknown) {
    super('temporarily_unavailable', { cause });
  }
}
