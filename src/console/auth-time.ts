/** What the request said about when the person must have signed in. */
interface AuthTimeRules {
  readonly prompt?: string | undefined;
  readonly maxAge?: number | undefined;
}

/** Two servers, two clocks: what is kept in time by NTP differs by less. */
const clockSkewSeconds = 30;

/**
 * Whether the person signed in at the console as recently as the request demands (OIDC Core §3.1.2.1). `prompt=login` is a
 * new sign-in for this very challenge: one from before it is a session of whoever sat there earlier.
 */
export function isRecentEnough(
  authTime: number,
  { prompt, maxAge }: AuthTimeRules,
  { askedAt, now }: { readonly askedAt: number; readonly now: number },
): boolean {
  if (prompt === 'login' && authTime < askedAt - clockSkewSeconds) return false;
  return maxAge === undefined || now - authTime <= maxAge + clockSkewSeconds;
}

/** A time that has not come yet would satisfy any `max_age`. */
export function isInFuture(authTime: number, now: number): boolean {
  return authTime > now + clockSkewSeconds;
}
