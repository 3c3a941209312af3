import type { Redeemed } from '../console/index.ts';

/** Why somebody who comes back from the console is not signed in. */
export type HandOffRefusal =
  | { readonly kind: 'rejected'; readonly message?: string | undefined }
  | { readonly kind: 'stale' }
  | { readonly kind: 'again' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'late' };

export interface RefusalWords {
  readonly heading: string;
  readonly explanation: string;
  /** What the console says, in its own words. */
  readonly message?: string;
  readonly retry: string;
}

const words: Record<HandOffRefusal['kind'], RefusalWords> = {
  rejected: {
    heading: 'You were not signed in',
    explanation: 'The place where you have your account did not sign you in.',
    retry: 'Use another account',
  },
  stale: {
    heading: 'You have to sign in again',
    explanation: 'What you asked for needs a sign-in of just now, and the one that came back is older than that.',
    retry: 'Sign in again',
  },
  again: {
    heading: 'You have to sign in again',
    explanation: 'You signed out meanwhile, or it is too long ago that you signed in.',
    retry: 'Sign in again',
  },
  unknown: {
    heading: 'This account cannot be used here',
    explanation: 'You signed in with an account that is disabled, or that is not there any more.',
    retry: 'Use another account',
  },
  late: {
    heading: 'This sign-in cannot be used',
    explanation: 'It was used already, took too long to come back, or was meant for another window.',
    retry: 'Sign in again',
  },
};

export function presentRefusal(refusal: HandOffRefusal): RefusalWords {
  const { kind } = refusal;
  return { ...words[kind], ...(kind === 'rejected' && refusal.message && { message: refusal.message }) };
}

/** What speaks against what the console answered, before anybody looks who it is. */
export function findRefusal(redeemed: Redeemed | undefined): HandOffRefusal | undefined {
  if (!redeemed) return { kind: 'late' };
  if (redeemed.kind === 'rejected') return { kind: 'rejected', message: redeemed.body.message };
  return redeemed.isRecent ? undefined : { kind: 'stale' };
}
