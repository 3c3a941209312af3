import type { Context, Next } from 'koa';
import { systemClock } from '../clock.ts';
import { nameOfCookie, seeOther, setCookies, useTarget, withSignatures } from '../http/index.ts';
import type { Interaction } from '../sessions/index.ts';
import { FlowEnded } from './error-words.ts';
import type { FlowParts } from './parts.ts';

/** After a step that is decided: to where oidc-provider says what comes next. */
export type GoOn = (ctx: Context, interaction: Interaction) => unknown;

/** The cookie for the address at which oidc-provider goes on; for as long as there is for the flow, by the clock that says how long. */
export function giveResumeCookie(
  { cookies }: Pick<Context, 'cookies'>,
  { uid, returnTo, exp }: Interaction,
  parts: Parts,
) {
  const { names, protection } = parts.cookies;
  const maxAge = (exp - systemClock.seconds()) * 1000;
  cookies.set(names.resume, uid, { ...protection, path: new URL(returnTo).pathname, maxAge });
}

type Parts = Pick<FlowParts, 'cookies'>;

/**
 * As oidc-provider means it (9.13, lib/provider.js): by an address of its own, from which the browser is sent on. With the
 * cookie for that address, which it may have lost: it would be sent back and forth.
 */
export function createGoOnByRedirect(parts: Parts): GoOn {
  return (ctx, interaction) => {
    giveResumeCookie(ctx, interaction, parts);
    seeOther(ctx, interaction.returnTo);
  };
}

/**
 * A form is answered with what the browser would be sent on to from there: it needs one request less for each page, and so
 * do we. oidc-provider 9.13 is asked as the browser would ask it (lib/actions/authorization/resume.js): with the session that
 * this very answer may have begun, and with the cookie by which it knows the flow. That one has only its own address as its path;
 * it is set together with the cookie of the page, to the same value (…/interactions.js), which `loadStep` has checked.
 */
export function createGoOnWithin({ cookies: { names }, readAnew }: Pick<FlowParts, 'cookies' | 'readAnew'>) {
  return async (ctx: Context, { uid, returnTo }: Interaction, next: Next): Promise<void> => {
    const { req, method, url } = ctx;
    const { cookie } = req.headers;
    const resume = `${names.resume}=${uid}`;
    const brought = [resume, `${names.resume}.sig=${sign(ctx, resume)}`, ...setBy(ctx, names.session), cookie];
    req.method = 'GET';
    req.headers.cookie = brought.join('; ');
    useTarget(ctx, new URL(returnTo).pathname);
    try {
      // Whoever has signed out meanwhile does not go on, either.
      if (!(await readAnew(ctx))) throw new FlowEnded('it has gone on from another tab');
      await next();
    } finally {
      req.method = method;
      if (cookie === undefined) delete req.headers.cookie;
      else req.headers.cookie = cookie;
      useTarget(ctx, url);
    }
  };
}

/** As Koa's cookies sign. */
function sign({ cookies }: Context, text: string): string {
  return (cookies as unknown as { keys: { sign(text: string): string } }).keys.sign(text);
}

/** What the browser would bring of it, with the signature beside. */
function setBy(ctx: Context, name: string): string[] {
  const both = withSignatures([name]);
  const lines = setCookies(ctx).filter((line) => both.has(nameOfCookie(line)));
  return lines.map((line) => line.split(';', 1)[0] as string);
}
