import type { Context } from 'koa';
import type { AccountParts } from './parts.ts';

/** Who is signed in with this browser, and since when. */
export interface SignedIn {
  readonly accountId: string;
  /** Of the session; not its cookie, and no secret. */
  readonly uid: string;
  /** Seconds since the epoch. */
  readonly since: number;
}

export interface Sessions {
  find(ctx: Context): Promise<SignedIn | undefined>;
  /** After the password was right. */
  begin(ctx: Context, accountId: string): Promise<void>;
  end(ctx: Context): Promise<void>;
}

type Parts = Pick<AccountParts, 'provider' | 'policy' | 'signOuts' | 'cookieProtection'>;

/**
 * The session of the flow, for routes that are not oidc-provider's: it owns the record and the cookie, and saves both
 * after routes of its own only. Everything that depends on how it does that (read in 9.13.3: lib/models/session.js,
 * lib/shared/session.js) is in this file; a test signs in here and is known there, and the reverse.
 */
export function createSessions({ provider, policy, signOuts, cookieProtection }: Parts): Sessions {
  const load = (ctx: Context) => provider.Session.get(ctx);
  const cookieName = () => provider.cookieName('session');

  return {
    async find(ctx) {
      const { accountId, uid, loginTs: since } = await load(ctx);
      if (!accountId || since === undefined || (await signOuts.hasSignedOut(accountId, since))) return undefined;
      return { accountId, uid, since };
    },

    async begin(ctx, accountId) {
      const found = await load(ctx);
      const isSomebodyElses = found.accountId !== undefined && found.accountId !== accountId;
      // A session of its own: flows of the other account in other tabs must not go on as this one.
      if (isSomebodyElses) await found.destroy();
      const session = isSomebodyElses ? new provider.Session() : found;
      // Session fixation: whatever cookie the browser came with, perhaps from a stranger, is worth nothing from here on.
      session.resetIdentifier();
      session.loginAccount({ accountId, amr: ['pwd'], loginTs: await signOuts.signInTime(accountId) });
      await session.save(policy.lifetimes.session);
      ctx.cookies.set(cookieName(), session.jti, { ...cookieProtection, expires: new Date(session.exp * 1000) });
    },

    async end(ctx) {
      const session = await load(ctx);
      if (session.accountId) await session.destroy();
      ctx.cookies.set(cookieName(), null, cookieProtection);
    },
  };
}
