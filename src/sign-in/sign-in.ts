import { type Account, type Directory, PasswordsOverloaded } from '../directory/index.ts';
import { keepMeanwhile } from '../storage/index.ts';
import type { Admission, SignInLimit } from './limit.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Of the browser, as the configured proxies vouch for it. */
  readonly address: string;
}

export type SignInResult =
  | { readonly kind: 'signed-in'; readonly account: Account }
  | { readonly kind: 'refused' }
  | { readonly kind: 'limited' | 'busy' | 'overloaded'; readonly retryAfterSeconds: number };

export type SignIn = (credentials: Credentials) => Promise<SignInResult>;

/** A directory that can be asked before it is known whether the try may be made: it answers nobody by that. */
export interface ReadsAhead {
  readAhead(email: string): void;
}

interface Parts {
  readonly directory: Directory & Partial<ReadsAhead>;
  readonly limit: SignInLimit;
  /** Credentials that sign nobody in, whatever the directory says of them. */
  readonly isRefused?: (email: string, password: string) => boolean;
}

type Admitted = Extract<Admission, { allowed: true }>;

/** By then a queue of passwords is empty. */
const overloadSeconds = 3;

/** The limit stands before the directory: a limited try costs no password work, even with the right password. */
export function createSignIn({ directory, limit, isRefused = () => false }: Parts): SignIn {
  async function verify({ email, password }: Credentials, admission: Admitted): Promise<SignInResult> {
    const account = isRefused(email, password) ? undefined : await directory.signIn(email, password);
    await (account ? keepMeanwhile(admission.succeed()) : admission.fail());
    return account ? { kind: 'signed-in', account } : { kind: 'refused' };
  }

  return async function signIn(credentials) {
    directory.readAhead?.(credentials.email);
    const admission = await limit.admit(credentials.email, credentials.address);
    if (!admission.allowed) {
      return { kind: admission.busy ? 'busy' : 'limited', retryAfterSeconds: admission.retryAfterSeconds };
    }
    return verify(credentials, admission).catch(async (error) => {
      // Nobody knows whether the password was right (R123). What cannot be given back now ends by itself.
      await admission.abandon().catch(() => undefined);
      if (error instanceof PasswordsOverloaded) return { kind: 'overloaded', retryAfterSeconds: overloadSeconds };
      throw error;
    });
  };
}
