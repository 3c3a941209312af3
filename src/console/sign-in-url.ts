/** What the console is told beside the challenge. */
export interface SignInHints {
  readonly uiLocales?: readonly string[] | undefined;
  readonly prompt?: 'login' | 'select_account' | undefined;
  readonly maxAge?: number | undefined;
  /** Ways of signing in, one of which is wanted (OIDC Core §3.1.2.1). */
  readonly acrValues?: readonly string[] | undefined;
  readonly loginHint?: string | undefined;
  /** Slug of the organization that the request asked for. */
  readonly organization?: string | undefined;
}

/** Where the browser is sent to sign in. Blanks as `%20`: not every console reads `+` as one. */
export function signInUrl(signIn: string, challenge: string, hints: SignInHints): string {
  const listed = (values: readonly string[] = []) => (values.length > 0 ? values.join(' ') : undefined);
  const parameters = Object.entries({
    login_challenge: challenge,
    ui_locales: listed(hints.uiLocales),
    prompt: hints.prompt,
    max_age: hints.maxAge,
    acr_values: listed(hints.acrValues),
    login_hint: hints.loginHint,
    organization: hints.organization,
  });
  const query = parameters
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
  return `${signIn}${signIn.includes('?') ? '&' : '?'}${query}`;
}
