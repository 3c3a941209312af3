import type { Context } from 'koa';
import type { Cookies, Paths } from '../http/index.ts';
import type { Vault } from '../storage/index.ts';
import type { SignInRequest } from './provider.ts';

/** A sign-in that this browser has begun at a provider. */
export interface Pending extends Omit<SignInRequest, 'loginHint' | 'uiLocales'> {
  readonly provider: string;
  /** That it is the same browser, by the cookie that says so. */
  readonly browser: string;
  /** When it began, in seconds. */
  readonly at: number;
  /** Whether a time that the provider does not say is refused. */
  readonly mustProve?: boolean | undefined;
  /** For which organization it was asked. */
  readonly organizationId?: string | undefined;
}

interface Parts {
  readonly vault: Pick<Vault, 'encrypt' | 'decrypt'>;
  readonly cookies: Cookies;
  readonly paths: Pick<Paths, 'interaction'>;
}

export const pendingSeconds = 600;
/** Two tabs of one flow, and one click too many. */
const most = 3;
/** A browser drops a cookie of more than 4,096 bytes, name and attributes included, without a word (RFC 6265 §6.1). */
const maxCookieLength = 3500;

/**
 * What has to be known again when the browser comes back, in a cookie of that browser at the place where it does, encrypted.
 * So nobody fills the store who only begins, and what comes back with another browser finds nothing: a code that a stranger
 * got for themselves signs nobody else in (RFC 9700 §4.7).
 */
export function createPendingSignIns({ vault, cookies, paths }: Parts) {
  const name = cookies.names.signingIn;
  const contextOf = (uid: string) => `pending sign-in ${uid}`;

  function read(ctx: Context, uid: string): Pending[] {
    const sealed = ctx.cookies.get(name, { signed: true });
    if (!sealed) return [];
    try {
      return JSON.parse(vault.decrypt(contextOf(uid), sealed));
    } catch {
      return [];
    }
  }

  /** Of the newest as many as fit. */
  function seal(uid: string, pending: readonly Pending[]): string | null {
    const sealed = pending.length === 0 ? null : vault.encrypt(contextOf(uid), JSON.stringify(pending));
    return sealed && sealed.length > maxCookieLength ? seal(uid, pending.slice(0, -1)) : sealed;
  }

  function write(ctx: Context, uid: string, pending: readonly Pending[]): void {
    const value = seal(uid, pending);
    const maxAge = pendingSeconds * 1000;
    ctx.cookies.set(name, value, { ...cookies.protection, path: paths.interaction(uid), maxAge });
  }

  return {
    add: (ctx: Context, uid: string, pending: Pending) => write(ctx, uid, [pending, ...read(ctx, uid)].slice(0, most)),
    find: (ctx: Context, uid: string, state: string) => read(ctx, uid).find((each) => each.state === state),
    drop: (ctx: Context, uid: string, state: string) =>
      write(
        ctx,
        uid,
        read(ctx, uid).filter((each) => each.state !== state),
      ),
  };
}
