import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import { isInFuture, isRecentEnough } from '../console/index.ts';
import type { Arrived, Identity } from '../directory/index.ts';
import {
  type IdentityProvider,
  type IdentityProviders,
  ProviderError,
  type Returned,
} from '../identity-providers/index.ts';
import type { Events } from '../operations/index.ts';
import type { Origin } from '../sessions/index.ts';
import type { RecordNames, Vault } from '../storage/index.ts';
import { type Arrival, hintOf, localesOf } from './asking.ts';
import type { SignInRefusal } from './refused.ts';
import type { Place } from './ways-in.ts';

interface Parts {
  readonly providers: IdentityProviders;
  readonly names: Pick<RecordNames, 'providerSession'>;
  readonly vault: Pick<Vault, 'hash' | 'encrypt' | 'decrypt'>;
  readonly clock: Clock;
  readonly events: Pick<Events, 'emit'>;
  /** The account of somebody who arrived. */
  readonly arrive: (identity: Identity) => Promise<Pick<Arrived, 'accountId' | 'how'>>;
}

/** A provider names more groups in an ID token than a URL takes. */
const maxHintLength = 4096;

/** Signing in at the identity providers of the configuration. */
export function createProviderPlaces({ providers, names, vault, clock, events, arrive }: Parts) {
  const hintContext = (provider: string) => `ID token of ${provider}`;

  function placeOf({ id, button, name, host, domains, provesSignIn, requiredFor, begin }: IdentityProvider): Place {
    return {
      ...{ id, button, name, host, domains, provesSignIn, requiredFor },
      begin(ctx, asking) {
        const { asked, acrValues, mustProve, organizationId, uid } = asking;
        return begin(ctx, uid, {
          ...{ prompt: asked.prompt, maxAge: asked.max_age, acrValues, mustProve, organizationId },
          loginHint: hintOf(asking),
          uiLocales: localesOf(ctx, asking),
        });
      },
    };
  }

  function originOf({ said, pending }: Returned): Origin {
    const { issuer, sid, idToken, authTime } = said;
    const { provider } = pending;
    return {
      provider,
      ...(sid !== undefined && { session: names.providerSession(vault.hash('provider-session', `${issuer} ${sid}`)) }),
      ...(authTime === undefined && { undated: true }),
      ...(idToken !== undefined &&
        idToken.length <= maxHintLength && { hint: vault.encrypt(hintContext(provider), idToken) }),
    };
  }

  async function accept(ctx: Context, returned: Returned): Promise<Arrival> {
    const { said, identity, pending } = returned;
    const authTime = checkTime(returned, clock.seconds());
    if (pending.acrValues?.length && !pending.acrValues.includes(said.acr ?? ''))
      throw new ProviderError('unproven', 'acr');
    const { accountId, how } = await arrive(identity);
    const { reference } = ctx.state;
    events.emit({
      event: 'identity_provider.signed_in',
      reference,
      provider: pending.provider,
      account: accountId,
      how,
    });
    const { amr = [], acr } = said;
    const facts = { accountId, authTime, amr, acr, origin: originOf(returned) };
    return { kind: 'accepted', facts, organizationId: pending.organizationId };
  }

  return {
    places: providers.all.map(placeOf),

    async redeem(ctx: Context, uid: string): Promise<Arrival> {
      try {
        return await accept(ctx, await providers.redeem(ctx, uid));
      } catch (error) {
        const provider = providers.find([ctx.query.at].flat()[0]);
        return { kind: 'refused', refusal: refusalOf(error, provider, ctx.state.request?.reference) };
      }
    },

    /** Where somebody who was signed in from there signs out there; nothing where one cannot, or it is away. */
    async signOutUrl({ provider: id, hint }: Origin): Promise<string | undefined> {
      const idToken = hint === undefined ? undefined : vault.decrypt(hintContext(id), hint);
      const provider = providers.find(id);
      const url = await provider?.endSessionUrl(idToken).catch(() => undefined);
      return url?.href;
    },
  };
}

/** What speaks against signing somebody in; what is no provider's doing is thrown on. */
export function refusalOf(
  error: unknown,
  place: Pick<Place, 'id' | 'host'> | undefined,
  reference: string,
): SignInRefusal {
  if (!(error instanceof ProviderError)) throw error;
  const { kind, check } = error;
  return { kind, check, reference, provider: place?.id, host: place?.host };
}

/** OIDC Core §3.1.2.1: when they signed in there, which satisfies what was asked for. */
function checkTime({ said: { authTime }, pending }: Returned, now: number): number {
  const { prompt, maxAge, mustProve, at: askedAt } = pending;
  const asks = prompt === 'login' || maxAge !== undefined;
  if (authTime === undefined) {
    if (asks && mustProve) throw new ProviderError('unproven', 'auth_time');
    return now;
  }
  if (isInFuture(authTime, now)) throw new ProviderError('unusable', 'auth_time');
  if (!isRecentEnough(authTime, { prompt, maxAge }, { askedAt, now })) throw new ProviderError('stale', 'auth_time');
  return authTime;
}
