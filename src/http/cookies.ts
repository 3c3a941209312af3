import { createHash } from 'node:crypto';
import type { Context } from 'koa';

/** What every cookie of ours is called and how it is protected. */
export interface Cookies {
  readonly names: {
    readonly session: string;
    readonly interaction: string;
    readonly resume: string;
    /** Says nothing but "the same browser", for the sign-in form where no session is yet. */
    readonly browser: string;
    readonly flash: string;
    /** In which language somebody wants to read our pages. */
    readonly language: string;
    /** Tells the browsers apart in which a client was approved that has one id everywhere. */
    readonly installation: string;
    /** Where a sign-in elsewhere leads back to; its path is where the browser comes back. */
    readonly returning: string;
    /** The token of a link that was mailed; its path is where that is used. */
    readonly link: string;
    /** The flow that waits for whoever forgot their password; its path is where they choose another. */
    readonly waiting: string;
    /** Which sign-ins at an identity provider this browser has begun; its path is where the browser comes back. */
    readonly signingIn: string;
    /** Whose password was right in this browser, until the second factor is given; its path is that of the flow. */
    readonly secondStep: string;
  };
  readonly protection: CookieProtection;
}

/** Signed, out of reach of scripts, and sent when the client's browser window arrives from elsewhere (`lax`). */
interface CookieProtection {
  readonly httpOnly: true;
  readonly sameSite: 'lax';
  readonly signed: true;
  readonly overwrite: true;
  readonly secure: boolean;
}

/**
 * Browsers keep cookies by host, whatever the port, and servers that share one would sign each other out (R109): the
 * issuer is in every name.
 *
 * With an https issuer the names begin so that browsers accept them only over https and, where they may, from this very
 * host (RFC 6265bis §4.1.3): a sibling host, or somebody on the line of one without https, can then plant neither a
 * session nor a browser of theirs. `__Host-` asks for the path `/`. The session needs it, although all our pages are
 * below one path: what a path hides, it hides from other servers of this host only, not from whoever plants. Cookies
 * of an interaction have its own URL as their path, because flows in several tabs must not see each other (R44): they
 * are `__Secure-`, and worth nothing without the session to which the flow is bound.
 */
export function createCookies(issuer: string): Cookies {
  const secure = new URL(issuer).protocol === 'https:';
  const server = createHash('sha256').update(issuer).digest('hex').slice(0, 8);
  const ofHost = (name: string) => `${secure ? '__Host-' : ''}mcp_auth_${name}_${server}`;
  const ofPath = (name: string) => `${secure ? '__Secure-' : ''}mcp_auth_${name}_${server}`;
  return {
    names: {
      session: ofHost('session'),
      browser: ofHost('browser'),
      installation: ofHost('installation'),
      language: ofHost('language'),
      interaction: ofPath('interaction'),
      resume: ofPath('resume'),
      flash: ofPath('flash'),
      returning: ofPath('returning'),
      link: ofPath('link'),
      waiting: ofPath('waiting'),
      signingIn: ofPath('signing_in'),
      secondStep: ofPath('second_step'),
    },
    // The issuer decides, not the request: behind a proxy it may come over http.
    protection: { httpOnly: true, sameSite: 'lax', signed: true, overwrite: true, secure },
  };
}

/**
 * For pages that need a cookie of ours: a browser that sent none at all is told so (`no_cookies` chooses the words), instead of
 * that its link or flow is invalid. `status` is what it would get otherwise.
 */
export function refuseWithoutCookies(ctx: Context, status: number): void {
  if (ctx.get('Cookie') === '') ctx.throw(status, 'the browser brought no cookie', { error: 'no_cookies' });
}
