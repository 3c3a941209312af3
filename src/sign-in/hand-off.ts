import type { Context } from 'koa';
import { type ChallengeDescription, type Challenges, type Redeemed, signInUrl } from '../console/index.ts';
import { seeOther } from '../http/index.ts';

/** What the console is asked, and what it may show of it. */
export interface Asking {
  /** What the browser must come back to; it alone has its cookie. */
  readonly uid: string;
  /** For how long the browser may come back, in seconds. */
  readonly lifetimeSeconds: number;
  readonly asked: Omit<ChallengeDescription, 'expires_at' | 'ui_locales'>;
  /** As the request says them; otherwise those of the browser. */
  readonly uiLocales?: string | undefined;
  readonly loginHint?: string | undefined;
}

/** Signing in where the accounts are: there with a challenge, back with a ticket. */
export interface HandOff {
  /** Sends the browser to the console. */
  begin(ctx: Context, asking: Asking): Promise<void>;
  /** What the console answered, once, for the ticket with which the browser comes back to `uid`. */
  redeem(ctx: Context, uid: string): Promise<Redeemed | undefined>;
}

interface Parts {
  readonly challenges: Challenges;
  /** The page of the console. */
  readonly signIn: string;
}

/** No email is longer, and neither is a URL that every proxy takes. */
const maxHintLength = 320;
const maxLocales = 10;

export function createHandOff({ challenges, signIn }: Parts): HandOff {
  return {
    async begin(ctx, { uid: interactionUid, lifetimeSeconds, asked, uiLocales: wanted, loginHint: hint }) {
      const uiLocales = localesOf(ctx, wanted);
      const challenge = await challenges.create({
        interactionUid,
        lifetimeSeconds,
        asked: { ...asked, ui_locales: uiLocales },
      });
      const { prompt, max_age: maxAge, organization } = asked;
      const loginHint = hint !== undefined && hint.length <= maxHintLength ? hint : undefined;
      seeOther(ctx, signInUrl(signIn, challenge, { uiLocales, prompt, maxAge, loginHint, organization }));
      // The console is not to learn of the flow's address, nor anybody there of the challenge.
      ctx.set('Referrer-Policy', 'no-referrer');
    },

    async redeem(ctx, uid) {
      // Whatever is answered here: the ticket in this address goes to nobody.
      ctx.set({ 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store' });
      const [ticket] = [ctx.query.ticket].flat();
      return ticket ? challenges.redeem(ticket, uid) : undefined;
    },
  };
}

function localesOf(ctx: Context, wanted: string | undefined): string[] {
  const locales = wanted?.split(' ') ?? ctx.acceptsLanguages();
  return locales.filter((locale) => /^[A-Za-z0-9-]{1,35}$/.test(locale)).slice(0, maxLocales);
}

/** The console said who it is. */
export type Accepted = Extract<Redeemed, { kind: 'accepted' }>;

/** What a session is begun with. */
export function signInFacts({ body: { account, auth_time: authTime, amr, acr } }: Accepted) {
  // Nothing said is nothing claimed: that there was a password would be a guess.
  return { accountId: account.id, authTime, amr: amr ?? [], acr };
}
