import type { Context } from 'koa';
import { identityPrefix } from '../directory/index.ts';
import { domainOf } from '../identity-providers/index.ts';
import type { Text, Words } from '../messages/index.ts';
import type { Origin } from '../sessions/index.ts';
import type { Arrival, Asking } from './asking.ts';
import type { HandOff } from './hand-off.ts';
import { type createProviderPlaces, refusalOf } from './provider-places.ts';
import type { SignInRefusal } from './refused.ts';

/** A place where people have an account, and sign in with it: the console, or an identity provider. */
export interface Place {
  readonly id: string;
  /** What the operator wrote on its button. */
  readonly button?: Text | undefined;
  readonly name: string;
  /** Whose it is, as people are told. */
  readonly host: string;
  /** Of emails whose people sign in there. */
  readonly domains: readonly string[];
  /** Whether it says when and how somebody signed in. */
  readonly provesSignIn: boolean;
  /** Organizations, by their slugs, for which people have to have signed in there. */
  readonly requiredFor?: readonly string[];
  /** Sends the browser there. */
  begin(ctx: Context, asking: Asking): Promise<void>;
}

/** How people may prove who they are: several ways are a choice, one alone is none. */
export interface WaysIn {
  readonly places: readonly Place[];
  /** By the form, with a password of an account here. */
  readonly passwords: boolean;
  /** Whether an email decides which way it is. */
  readonly byEmail: boolean;
  find(id: unknown): Place | undefined;
  placeOfEmail(email: string): Place | undefined;
  /** Where people of this organization have to have signed in, and who began there has not; empty: that is enough. */
  missingFor(slug: string, origin: Origin | undefined): readonly Place[];
  /** Of somebody whom the browser brings back to `uid`. */
  redeem(ctx: Context, uid: string): Promise<Arrival>;
  /** Where somebody signs out, too, whose session began elsewhere. */
  signOutUrl(origin: Origin | undefined): Promise<string | undefined>;
}

interface Parts {
  readonly handOff?: HandOff | undefined;
  readonly providers?: ReturnType<typeof createProviderPlaces> | undefined;
  readonly passwords: boolean;
}

export function createWaysIn({ handOff, providers, passwords }: Parts): WaysIn {
  const places = [...(handOff ? [handOff] : []), ...(providers?.places ?? [])];
  const byDomain = new Map(places.flatMap((place) => place.domains.map((domain) => [domain, place] as const)));

  async function redeem(ctx: Context, uid: string): Promise<Arrival> {
    if (providers && ctx.query.at !== undefined) return providers.redeem(ctx, uid);
    const arrival = await handOff?.redeem(ctx, uid);
    if (!arrival) return { kind: 'refused', refusal: { kind: 'late' } };
    // Those accounts are the providers' people: a console has none of that name.
    const isForeign = arrival.kind === 'accepted' && providers && arrival.facts.accountId.startsWith(identityPrefix);
    return isForeign ? { kind: 'refused', refusal: { kind: 'unknown' } } : arrival;
  }

  return {
    places,
    passwords,
    byEmail: byDomain.size > 0,
    find: (id) => places.find((place) => place.id === id),
    placeOfEmail: (email) => byDomain.get(domainOf(email.normalize('NFKC').trim()) ?? ''),
    missingFor(slug, origin) {
      const required = places.filter(({ requiredFor = [] }) => requiredFor.includes(slug));
      return required.some(({ id }) => id === origin?.provider) ? [] : required;
    },
    redeem,
    signOutUrl: async (origin) => (origin ? providers?.signOutUrl(origin) : handOff?.signOutUrl),
  };
}

/** What its button says. */
export function presentButton({ button, name }: Pick<Place, 'button' | 'name'>, words: Words): string {
  return button === undefined ? words.say('sign-in.way', { place: name }) : words.pick(button);
}

/** The one to which somebody is sent without being asked. */
export function onlyPlace({ places, passwords }: WaysIn): Place | undefined {
  const [first, ...others] = places;
  return others.length === 0 && !passwords ? first : undefined;
}

/** Sends the browser there; says why not, when that place does not answer. */
export async function sendTo(place: Place, ctx: Context, asking: Asking): Promise<SignInRefusal | undefined> {
  try {
    await place.begin(ctx, asking);
    return undefined;
  } catch (error) {
    return refusalOf(error, place, ctx.state.request?.reference);
  }
}
