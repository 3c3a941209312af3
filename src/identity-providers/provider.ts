/** What is sent to a provider beside what every request has. */
export interface SignInRequest {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly prompt?: 'login' | 'select_account' | undefined;
  readonly maxAge?: number | undefined;
  readonly acrValues?: readonly string[] | undefined;
  readonly loginHint?: string | undefined;
  readonly uiLocales?: readonly string[] | undefined;
}

/** What has to come back with what the browser brings. */
export type Expected = Pick<SignInRequest, 'state' | 'nonce' | 'verifier'>;

/** What a provider says of somebody, once all is checked that shows that it was the provider. */
export interface Said {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly email?: string | undefined;
  readonly emailIsVerified: boolean;
  readonly authTime?: number | undefined;
  readonly amr?: readonly string[] | undefined;
  readonly acr?: string | undefined;
  /** Of the session there. */
  readonly sid?: string | undefined;
  /** Where somebody may be signed out there: what it is asked with. */
  readonly idToken?: string | undefined;
}

export interface LogoutToken {
  readonly issuer: string;
  readonly subject?: string | undefined;
  readonly sid?: string | undefined;
  readonly jti: string;
}

/** One identity provider, whatever it speaks. Each method throws `ProviderError`, and nothing else. */
export interface Provider {
  /** Whether it says when and how somebody signed in, and hears how they should. */
  readonly provesSignIn: boolean;
  authorizationUrl(request: SignInRequest): Promise<URL>;
  /** With the URL to which the browser came back, parameters included. */
  redeem(callback: URL, expected: Expected): Promise<Said>;
  /** Where somebody signs out there; nothing where one cannot. */
  endSessionUrl(idToken: string | undefined): Promise<URL | undefined>;
  /** That the provider says that somebody has signed out there. */
  readLogoutToken(token: string): Promise<LogoutToken>;
}
