import type { Account, Directory } from '../directory/index.ts';
import type { SignInLimit } from './limit.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Of the browser, as the configured proxies vouch for it. */
  readonly address: string;
}

export type SignInResult =
  | { readonly kind: 'signed-in'; readonly account: Account }
  | { readonly kind: 'refused' }
  | { readonly kind: 'limited'; readonly retryAfterSeconds: number };

export type SignIn = (credentials: Credentials) => Promise<SignInResult>;

interface Parts {
  readonly directory: Directory;
  readonly limit: SignInLimit;
  /** Credentials that sign nobody in, whatever the directory says of them. */
  readonly isRefused?: (email: string, password: string) => boolean;
}

/** The limit stands before the directory: a limited try costs no password work, even with the right password. */
export function createSignIn({ directory, limit, isRefused = () => false }: Parts): SignIn {
  return async function signIn({ email, password, address }) {
    const admission = await limit.admit(email, address);
    if (!admission.allowed) return { kind: 'limited', retryAfterSeconds: admission.retryAfterSeconds };
    if (isRefused(email, password)) return { kind: 'refused' };
    const account = await directory.signIn(email, password);
    if (!account) return { kind: 'refused' };
    await admission.forgive();
    return { kind: 'signed-in', account };
  };
}
