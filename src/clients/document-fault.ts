/** A host that fails is asked once a minute, however many people want its client. */
export const faultSeconds = 60;

/**
 * `final`: it was read and says that it is no such client, or nothing may be fetched from there. `gone`: its host says
 * that there is none. `busy`: its host was not asked. `passing`: everything else; hosts fail in many ways, and recover.
 */
export type FaultKind = 'final' | 'gone' | 'busy' | 'passing';

/** Why a document cannot be had. The reason is for the log only: it could describe a network that strangers probe. */
export class DocumentFault extends Error {
  override readonly name = 'DocumentFault';
  readonly kind: FaultKind;
  readonly retryAfterSeconds: number;

  constructor(reason: string, { kind, retryAfterSeconds = faultSeconds, cause }: FaultOptions) {
    super(reason, { cause });
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

interface FaultOptions {
  readonly kind: FaultKind;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** The maker's decision, or ours: the client is unknown. */
export function finalFault(reason: string): DocumentFault {
  return new DocumentFault(reason, { kind: 'final' });
}

/** Usually over in a moment: the client is asked to come back. */
export function passingFault(reason: string, cause?: unknown): DocumentFault {
  return new DocumentFault(reason, { kind: 'passing', cause });
}
