import { errors } from 'oidc-provider';

/** When to come back; and for how long an old copy is served before its host is asked again. */
const retrySeconds = 60;

/**
 * `final`: it was read and says that it is no such client, or nothing may be fetched from there. `gone`: its host says
 * that there is none. `busy`: its host was not asked. `transient`: everything else; hosts fail in many ways, and recover.
 */
type DocumentErrorKind = 'final' | 'gone' | 'busy' | 'transient';

interface Options {
  readonly kind: DocumentErrorKind;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** Why a document cannot be had. The reason is for the log only: it could describe a network that strangers probe. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly kind: DocumentErrorKind;
  readonly retryAfterSeconds: number;

  constructor(reason: string, { kind, retryAfterSeconds = retrySeconds, cause }: Options) {
    super(reason, { cause });
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The maker's decision, or ours: the client is unknown. */
export function finalError(reason: string): DocumentError {
  return new DocumentError(reason, { kind: 'final' });
}

/** Usually over in a moment: the client is asked to come back. */
export function transientError(reason: string, cause?: unknown): DocumentError {
  return new DocumentError(reason, { kind: 'transient', cause });
}

/**
 * A document that should be there cannot be read just now. 503, where oidc-provider answers 400 to all that is wrong: a
 * client that reads `invalid_client` throws its tokens away (R77).
 */
export class ClientDocumentUnavailable extends errors.TemporarilyUnavailable {
  readonly code = 'CLIENT_DOCUMENT_UNAVAILABLE';
  /** Nothing is wrong with this server. */
  readonly isOfClient = true;
  override status = 503;
  override statusCode = 503;
  // oidc-provider would show the message of the cause as a detail, and that is for our log only.
  override error_detail = undefined;

  constructor(cause: DocumentError) {
    super('the client_id metadata document cannot be fetched, try again in a moment', { cause });
  }
}
