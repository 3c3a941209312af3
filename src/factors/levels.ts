/** What an access token and an ID token say of a sign-in with more than a password (RFC 8176 §2). */
export const methods = {
  password: ['pwd'],
  /** Of a recovery code, too: it counts once. */
  code: ['otp'],
  /** Whether the key is in hardware nothing proves without attestation: that a key was there, and that somebody agreed. */
  passkey: ['pop', 'user'],
} as const;

const several = 'mfa';

/** More than one factor (OpenID PAPE 1.0 §4). */
export const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';
/** A passkey (OpenID Connect EAP ACR Values §2). */
export const phishingResistant = 'phr';

/** What a sign-in has to have; `nothing`: what its account has. */
export type Need = 'nothing' | 'any' | 'passkey';

/** By `acr_values` (OIDC Core §3.1.2.1); what they name that nobody here can prove is left to other ways of signing in. */
export function neededFor(acrValues: readonly string[], hasPasskeys: boolean): Need {
  if (acrValues.includes(multiFactor)) return 'any';
  return hasPasskeys && acrValues.includes(phishingResistant) ? 'passkey' : 'nothing';
}

/** With `mfa`, if it was more than a password. */
export function amrOf(shown: readonly string[]): string[] {
  const words = new Set(shown);
  return words.size > 1 ? [...words, several] : [...words];
}

export function isMultiFactor(amr: readonly string[]): boolean {
  return amr.includes(several);
}

/** The first requested `acr` that this sign-in satisfies; where it satisfies none of them, the multi-factor one. */
export function acrOf(amr: readonly string[], asked: readonly string[]): string | undefined {
  if (!isMultiFactor(amr)) return undefined;
  const held = [multiFactor, ...(amr.includes('pop') ? [phishingResistant] : [])];
  return asked.find((value) => held.includes(value)) ?? held[0];
}
