/** A host that fails is asked once a minute, however many people want its client. */
export const faultSeconds = 60;

/** Why a document cannot be had. The reason is for the log only: it could describe a network that strangers probe. */
export class DocumentFault extends Error {
  override readonly name = 'DocumentFault';
  /** Waiting does not help: the document is gone, wrong, or must not be fetched. */
  readonly permanent: boolean;
  readonly retryAfterSeconds: number;

  constructor(reason: string, { permanent, retryAfterSeconds = faultSeconds, cause }: FaultOptions) {
    super(reason, { cause });
    this.permanent = permanent;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

interface FaultOptions {
  readonly permanent: boolean;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** The maker's mistake, or our decision: the client is unknown. */
export function permanentFault(reason: string): DocumentFault {
  return new DocumentFault(reason, { permanent: true });
}

/** Usually over in a moment: the client is asked to come back. */
export function temporaryFault(reason: string, cause?: unknown): DocumentFault {
  return new DocumentFault(reason, { permanent: false, cause });
}
