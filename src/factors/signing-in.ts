import type { Context } from 'koa';
import type { Form } from '../http/index.ts';
import type { SignedIn, SignInFacts } from '../sessions/index.ts';

/** One request of a browser that is signing in: in a flow, or before the account's pages. */
export interface SigningIn {
  readonly ctx: Context;
  /** Of the flow, or of the account's pages: what is begun here counts nowhere else. */
  readonly id: string;
  /** The page; `?use=` names a way on it. */
  readonly href: string;
  /** Of the cookie that says that the password was right. */
  readonly path: string;
  /** As the request names them. */
  readonly acrValues: readonly string[];
  readonly form: Form;
  readForm(): Promise<URLSearchParams>;
  readonly client?: string | undefined;
  /** What the page says of the tool for which it is. */
  readonly asking?: { readonly requester: object; readonly decline: Form } | undefined;
  /** Who is signed in, and lacks the second factor only. */
  readonly signedIn?: SignedIn | undefined;
  /** Begins the session. Returns where the browser goes on. */
  begin(facts: SignInFacts): Promise<string>;
}

/** The page with this way on it. */
export function hrefWith(href: string, query: Record<string, string>): string {
  return `${href}${href.includes('?') ? '&' : '?'}${new URLSearchParams(query)}`;
}
