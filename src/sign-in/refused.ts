import type { Events } from '../operations/index.ts';

/** Why somebody who comes back from the place where they have an account, or was to be sent there, is not signed in. */
export type SignInRefusal =
  | { readonly kind: 'rejected'; readonly message?: string | undefined }
  | { readonly kind: 'again' }
  | { readonly kind: 'place-required'; readonly organization: string }
  | ProviderRefusal;

interface ProviderRefusal {
  readonly kind: 'unknown' | 'late' | 'stale' | 'away' | 'unusable' | 'declined' | 'unproven' | 'without-email';
  /** Which check failed, and where; for the log. */
  readonly check?: string | undefined;
  readonly provider?: string | undefined;
  readonly host?: string | undefined;
  /** What a person reads out, and the log line has. */
  readonly reference?: string | undefined;
}

export interface RefusalWords {
  readonly heading: string;
  readonly explanation: string;
  /** What the console says, in its own words. */
  readonly message?: string;
  readonly retry: string;
  readonly reference?: string;
}

const again = 'Sign in again';
const another = 'Use another account';
const tryAgain = 'Try again';

const words: Record<SignInRefusal['kind'], (host: string) => RefusalWords> = {
  rejected: () => ({
    heading: 'You were not signed in',
    explanation: 'The place where you have your account did not sign you in.',
    retry: another,
  }),
  stale: () => ({
    heading: 'You have to sign in again',
    explanation: 'What you asked for needs a sign-in of just now, and the one that came back is older than that.',
    retry: again,
  }),
  again: () => ({
    heading: 'You have to sign in again',
    explanation: 'You signed out meanwhile, or it is too long ago that you signed in.',
    retry: again,
  }),
  'place-required': (organization) => ({
    heading: `Sign in for ${organization}`,
    explanation: `Whoever works for ${organization} signs in where it has its accounts. You signed in another way, and nothing is changed.`,
    retry: again,
  }),
  unknown: () => ({
    heading: 'This account cannot be used here',
    explanation: 'You signed in with an account that is disabled, or that is not there any more.',
    retry: another,
  }),
  late: () => ({
    heading: 'This sign-in cannot be used',
    explanation: 'It was used already, took too long to come back, or was meant for another window.',
    retry: again,
  }),
  away: (host) => ({
    heading: `${host} does not answer`,
    explanation:
      'You sign in there, and it did not answer in time. That is usually over in a moment; nothing of yours is lost, and your tool still waits.',
    retry: tryAgain,
  }),
  unusable: (host) => ({
    heading: `${host} did not sign you in`,
    explanation:
      'What came back from there cannot be used, so nobody was signed in. That is neither your mistake nor your tool’s. If it happens again, whoever runs this server has to look at it.',
    retry: tryAgain,
  }),
  declined: (host) => ({
    heading: 'You were not signed in',
    explanation: `You did not go through with it at ${host}, or it does not let you use this.`,
    retry: again,
  }),
  unproven: (host) => ({
    heading: 'This way of signing in is not enough',
    explanation: `Your tool asks for a sign-in of just now, or for a certain way of signing in, and ${host} does not say that it was one.`,
    retry: again,
  }),
  'without-email': (host) => ({
    heading: 'Your email is not verified',
    explanation: `Your account at ${host} has no email address that is verified and its main one. Verify it there, and come back.`,
    retry: tryAgain,
  }),
};

export function presentRefusal(refusal: SignInRefusal): RefusalWords {
  const { kind } = refusal;
  if (kind === 'rejected') return { ...words.rejected(''), ...(refusal.message && { message: refusal.message }) };
  if (refusal.kind === 'place-required') return words['place-required'](refusal.organization);
  const { host = 'The place where you have your account', reference } = refusal as ProviderRefusal;
  return { ...words[kind](host), ...(reference !== undefined && { reference }) };
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
  const { kind, provider, check } = refusal as ProviderRefusal;
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
  events.emit({ event: 'sign_in', account: accountId, client, method: origin ? 'provider' : 'console' });
}
