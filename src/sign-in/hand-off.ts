import type { Context } from 'koa';
import { type Challenges, type Redeemed, signInUrl } from '../console/index.ts';
import { seeOther } from '../http/index.ts';
import type { Text } from '../messages/index.ts';
import { type Arrival, hintOf, localesOf } from './asking.ts';
import type { Place } from './ways-in.ts';

/** Signing in at the console that has the accounts: there with a challenge, back with a ticket. */
export interface HandOff extends Place {
  /** What the console answered, once, for the ticket with which the browser comes back to `uid`. */
  redeem(ctx: Context, uid: string): Promise<Arrival>;
  /** Where people sign out there. */
  readonly signOutUrl: string | undefined;
}

interface Parts {
  readonly challenges: Challenges;
  /** The page of the console. */
  readonly signIn: string;
  /** The other one, where it has one. */
  readonly signOut?: string | undefined;
  readonly button?: Text | undefined;
}

export function createHandOff({ challenges, signIn, signOut, button }: Parts): HandOff {
  const { host } = new URL(signIn);
  return {
    id: 'console',
    host,
    name: host,
    button,
    domains: [],
    provesSignIn: true,
    signOutUrl: signOut,
    async begin(ctx, asking) {
      const { uid: interactionUid, lifetimeSeconds, asked, acrValues } = asking;
      const uiLocales = localesOf(ctx, asking);
      const challenge = await challenges.create({
        interactionUid,
        lifetimeSeconds,
        asked: { ...asked, ...(acrValues?.length && { acr_values: [...acrValues] }), ui_locales: uiLocales },
      });
      const { prompt, max_age: maxAge, organization } = asked;
      const loginHint = hintOf(asking);
      seeOther(ctx, signInUrl(signIn, challenge, { uiLocales, prompt, maxAge, acrValues, loginHint, organization }));
      // The console is not to learn of the flow's address, nor anybody there of the challenge.
      ctx.set('Referrer-Policy', 'no-referrer');
    },

    async redeem(ctx, uid) {
      // Whatever is answered here: the ticket in this address goes to nobody.
      ctx.set({ 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store' });
      const [ticket] = [ctx.query.ticket].flat();
      return toArrival(ticket ? await challenges.redeem(ticket, uid) : undefined, host);
    },
  };
}

function toArrival(redeemed: Redeemed | undefined, host: string): Arrival {
  if (!redeemed) return { kind: 'refused', refusal: { kind: 'late', host } };
  if (redeemed.kind === 'rejected')
    return { kind: 'refused', refusal: { kind: 'rejected', message: redeemed.body.message } };
  if (!redeemed.isRecent) return { kind: 'refused', refusal: { kind: 'stale', host } };
  if (redeemed.acrValues && !redeemed.acrValues.includes(redeemed.body.acr ?? ''))
    return { kind: 'refused', refusal: { kind: 'unproven', host } };
  const { account, auth_time: authTime, amr, acr, organization: organizationId } = redeemed.body;
  // Nothing said is nothing claimed: that there was a password would be a guess.
  return { kind: 'accepted', facts: { accountId: account.id, authTime, amr: amr ?? [], acr }, organizationId };
}
