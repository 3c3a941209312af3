import type { Account, Directory } from '../directory/index.ts';
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
  | { readonly kind: 'limited' | 'busy'; readonly retryAfterSeconds: number };

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
    if (!admission.allowed) {
      const { busy, retryAfterSeconds } = admission;
      return { kind: busy ? 'busy' : 'limited', retryAfterSeconds };
    }
    const account = await judge(admission, async () => {
      return isRefused(email, password) ? undefined : directory.signIn(email, password);
    });
    return account ? { kind: 'signed-in', account } : { kind: 'refused' };
  };
}

async function judge(admission: Admission & { allowed: true }, check: () => Promise<Account | undefined>) {
  const account = await check().catch(async (error) => {
    // Nobody knows whether the password was right (R123). What cannot be given back now ends by itself.
    await admission.abandon().catch(() => undefined);
    throw error;
  });
  await (account ? admission.succeed() : admission.fail());
  return account;
}
