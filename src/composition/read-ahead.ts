import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import QuickLRU from 'quick-lru';
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
  { recordsOfFlow, recordsToGoOn, recordsOfSession }: Protocol['records'],
) {
  function ofSession(ctx: Context): readonly string[] {
    const session = ctx.cookies.get(provider.cookieName('session'), { signed: false });
    return session ? recordsOfSession(session) : [];
  }

  /** By the flow, what the form on its page is going to ask for. */
  const next = new QuickLRU<string, readonly string[]>({ maxSize: 5000 });

  function readAhead(ctx: Context): void {
    const { uid } = ctx.params ?? {};
    reads.ahead([...(uid ? [...recordsOfFlow(uid), ...(next.get(uid) ?? [])] : []), ...ofSession(ctx)]);
  }

  return {
    readAhead,
    /** What was read for a page is read with the form that it is answered with. */
    readNext: (ctx: Context, records: readonly string[]) => next.set(ctx.params.uid, records),
    /**
     * Once a form of a flow is decided: its session may have ended since that was begun, and the flow have gone on from
     * another tab. Then it is not there any more, and what was decided counts for nothing.
     */
    async readAnew(ctx: Context): Promise<boolean> {
      const { uid } = ctx.params;
      const session = ofSession(ctx);
      for (const name of session) forgetStored(name);
      reads.forget();
      const spellings = [names, ...names.former].map((each) => each.model('Interaction', uid));
      const others = [...recordsToGoOn(uid), ...session].filter((name) => !findHeld(name));
      const found = await reads.read(spellings, others);
      const isThere = found.some((record) => record !== undefined);
      if (!isThere) dropHeld(names.model('Interaction', uid));
      return isThere;
    },
  };
}
