/** What the console is told beside the challenge. */
export interface SignInHints {
  readonly uiLocales?: readonly string[] | undefined;
  readonly prompt?: 'login' | 'select_account' | undefined;
  readonly maxAge?: number | undefined;
  readonly loginHint?: string | undefined;
  /** Slug of the organization that the request asked for. */
  readonly organization?: string | undefined;
}

/** Where the browser is sent to sign in. Blanks as `%20`: not every console reads `+` as one. */
export function signInUrl(signIn: string, challenge: string, hints: SignInHints): string {
  const locales = hints.uiLocales?.length ? hints.uiLocales.join(' ') : undefined;
  const parameters = Object.entries({
    login_challenge: challenge,
    ui_locales: locales,
    prompt: hints.prompt,
    max_age: hints.maxAge,
    login_hint: hints.loginHint,
    organization: hints.organization,
  });
  const query = parameters
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
  return `${signIn}${signIn.includes('?') ? '&' : '?'}${query}`;
}
