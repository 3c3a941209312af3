import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { forgetStored } from '../storage/index.ts';
import type { Protocol } from './protocol.ts';
import type { Services } from './services.ts';

/**
 * Begins to read what a browser's request needs: a flow, as its path names it, and a session. Whether they are its own is seen
 * when they are used.
 */
export function createReadAhead(
  provider: Provider,
  { names, reads }: Services,
  { recordsOfFlow }: Protocol['records'],
) {
  function recordOfSession(ctx: Context): string | undefined {
    const session = ctx.cookies.get(provider.cookieName('session'), { signed: false });
    return session && names.model('Session', session);
  }

  function readAhead(ctx: Context, session = recordOfSession(ctx)): void {
    const { uid } = ctx.params ?? {};
    reads.ahead([...(uid ? recordsOfFlow(uid) : []), ...(session ? [session] : [])]);
  }

  return {
    readAhead,
    /** Once a form of the flow is decided: the session may have ended since that was begun. */
    readAnew(ctx: Context): void {
      const session = recordOfSession(ctx);
      if (session) forgetStored(session);
      reads.forget();
      readAhead(ctx, session);
    },
  };
}
