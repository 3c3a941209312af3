import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { dropHeld, findHeld, forgetStored } from '../storage/index.ts';
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

  function readAhead(ctx: Context): void {
    const { uid } = ctx.params ?? {};
    const session = recordOfSession(ctx);
    reads.ahead([...(uid ? recordsOfFlow(uid) : []), ...(session ? [session] : [])]);
  }

  return {
    readAhead,
    /**
     * Once a form of a flow is decided: its session may have ended since that was begun, and the flow have gone on from
     * another tab. Then it is not there any more, and what was decided counts for nothing.
     */
    async readAnew(ctx: Context): Promise<boolean> {
      const { uid } = ctx.params;
      const session = recordOfSession(ctx);
      if (session) forgetStored(session);
      reads.forget();
      const spellings = [names, ...names.former].map((each) => each.model('Interaction', uid));
      const others = [...recordsOfFlow(uid), ...(session ? [session] : [])].filter((name) => !findHeld(name));
      const found = await reads.read(spellings, others);
      const isThere = found.some((record) => record !== undefined);
      if (!isThere) dropHeld(names.model('Interaction', uid));
      return isThere;
    },
  };
}
