import { Secret, TOTP } from 'otpauth';

/** What every authenticator app understands, and what RFC 6238 calls the default. */
const settings = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** A code of the step before, for whoever types slowly, and of the step after, for a phone whose clock is ahead (RFC 6238 §5.2). */
const window = 1;

/** 160 bits (RFC 4226 §4, R6), in base32. */
export function createTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What an app reads off the picture. */
export function totpUri(secret: string, { brand, email }: { readonly brand: string; readonly email: string }): string {
  return new TOTP({ ...settings, issuer: brand, label: email, secret }).toString();
}

/** The time step of which this is the code; nothing when it is of none that is near. `now`: milliseconds since the epoch. */
export function stepOfCode(secret: string, code: string, now: number): number | undefined {
  const token = code.replaceAll(/[\s-]/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = new TOTP({ ...settings, secret }).validate({ token, timestamp: now, window });
  return delta === null ? undefined : Math.floor(now / 1000 / settings.period) + delta;
}
