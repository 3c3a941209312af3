import type { Words } from '../messages/index.ts';
import type { Events } from '../operations/index.ts';
import { whenKept } from '../storage/index.ts';

/** Why somebody who comes back from the place where they have an account, or was to be sent there, is not signed in. */
export type SignInRefusal = (
  | { readonly kind: 'rejected'; readonly message?: string | undefined }
  | { readonly kind: 'again' }
  | { readonly kind: 'place-required' | 'factor-required'; readonly organization: string }
  | PlaceRefusal
) & {
  /** What a person reads out, and the log line has. */
  readonly reference?: string | undefined;
};

interface PlaceRefusal {
  readonly kind: 'unknown' | 'late' | 'stale' | 'away' | 'unusable' | 'declined' | 'unproven' | 'without-email';
  /** Which check failed, and where; for the log. */
  readonly check?: string | undefined;
  readonly provider?: string | undefined;
  readonly host?: string | undefined;
}

export interface RefusalWords {
  readonly heading: string;
  readonly explanation: string;
  /** What the console says, in its own words. */
  readonly message?: string;
  readonly retry: string;
  readonly reference?: string;
}

/** Which button a refusal has. */
const retries: Record<SignInRefusal['kind'], 'again' | 'another' | 'try-again' | 'go-on'> = {
  rejected: 'another',
  stale: 'again',
  again: 'again',
  'place-required': 'again',
  'factor-required': 'go-on',
  unknown: 'another',
  late: 'again',
  away: 'try-again',
  unusable: 'try-again',
  declined: 'again',
  unproven: 'again',
  'without-email': 'try-again',
};

export function presentRefusal(refusal: SignInRefusal, { say }: Words): RefusalWords {
  const { kind, reference } = refusal;
  const { host = say('refusal.some-place') } = refusal as PlaceRefusal;
  const { organization = '' } = refusal as { organization?: string };
  const { message } = refusal as { message?: string };
  return {
    heading: say(`refusal.${kind}.heading`, { host, organization }),
    explanation: say(`refusal.${kind}.explanation`, { host, organization }),
    retry: say(`refusal.${retries[kind]}`),
    ...(message && { message }),
    ...(reference !== undefined && { reference }),
  };
}

/** Nobody's fault, and over in a moment: 503 says so to whatever counts. */
export function statusOf({ kind }: SignInRefusal): 403 | 503 {
  return kind === 'away' ? 503 : 403;
}

/** One line, which says which check failed. */
export function reportRefusal(
  events: Pick<Events, 'emit'>,
  refusal: SignInRefusal,
  { reference, client }: { readonly reference: string; readonly client?: string },
): void {
  const { kind, provider, check } = refusal as PlaceRefusal;
  if (check === undefined)
    events.emit({ event: 'sign_in.hand_off_refused', reference, ...(client && { client }), reason: kind });
  else
    events.emit({
      event: 'identity_provider.refused',
      reference,
      ...(client && { client }),
      provider,
      reason: kind,
      check,
    });
}

/** Somebody arrived from elsewhere, with an account that is there. */
export function reportSignIn(
  events: Pick<Events, 'emit'>,
  { accountId, origin }: { readonly accountId: string; readonly origin?: object | undefined },
  client?: string,
): void {
  const event = { event: 'sign_in', account: accountId, client, method: origin ? 'provider' : 'console' } as const;
  whenKept(() => events.emit(event));
}
