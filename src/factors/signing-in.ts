import type { Form } from '../http/index.ts';
import type { SignedIn, SignInFacts } from '../sessions/index.ts';
import type { SignInRequest } from '../sign-in/index.ts';

/** Signing in with an account here. */
export interface SigningIn extends SignInRequest {
  /** Of the flow, or of the account's pages: what is begun here counts nowhere else. */
  readonly id: string;
  /** Of the cookie that says that the password was right. */
  readonly path: string;
  readonly form: Form;
  /** What the page says of the tool for which it is. */
  readonly asking?: { readonly requester: object; readonly decline: Form } | undefined;
  /** Who is signed in, and lacks the second factor only. */
  readonly signedIn?: SignedIn | undefined;
  /** Begins the session. Returns where the browser goes on from a page in between. */
  begin(facts: SignInFacts): Promise<string>;
  /** The same at once. */
  goOn(): unknown;
}
