import { randomBytes, randomUUID } from 'node:crypto';
import type { Context } from 'koa';

export interface Session {
  readonly accountId: string;
  /** Seconds since the epoch: when the password was typed. */
  readonly authTime: number;
  /** To be told to others; the cookie's value is told to nobody. */
  readonly publicId: string;
  /** The organization that the person is working for at the moment. */
  organizationId?: string | undefined;
}

export type Sessions = ReturnType<typeof createSessions>;

const cookie = 'console_session';

/** Who is signed in at this console, in memory. */
export function createSessions() {
  const sessions = new Map<string, Session>();
  return {
    find: (ctx: Context): Session | undefined => sessions.get(ctx.cookies.get(cookie) ?? ''),
    /** A new identifier with every sign-in, so that nobody can leave a known one in a browser. */
    begin(ctx: Context, accountId: string): Session {
      const session = { accountId, authTime: Math.floor(Date.now() / 1000), publicId: randomUUID() };
      const id = randomBytes(32).toString('base64url');
      sessions.delete(ctx.cookies.get(cookie) ?? '');
      sessions.set(id, session);
      ctx.cookies.set(cookie, id, { httpOnly: true, sameSite: 'lax', secure: ctx.secure });
      return session;
    },
    end(ctx: Context): void {
      sessions.delete(ctx.cookies.get(cookie) ?? '');
      ctx.cookies.set(cookie, null);
    },
    endAll(accountId: string): void {
      for (const [id, session] of sessions) if (session.accountId === accountId) sessions.delete(id);
    },
  };
}
