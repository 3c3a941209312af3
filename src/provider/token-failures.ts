import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Counted } from '../http/index.ts';
import type { Store } from '../storage/index.ts';
import { type CountedRequests, hostOf } from './counted-requests.ts';
import type { Origin, Trust } from './trusted-networks.ts';

interface Parts {
  readonly store: Pick<Store, 'count'>;
  readonly trust: Pick<Trust, 'earnedBy' | 'isHosted'>;
  readonly counts: CountedRequests;
}

const guessSeconds = 60;

/** What a request counts as that failed at the token, revocation or introspection endpoint. */
export function createCountFailures({ store, trust, counts }: Parts) {
  const { ofTokens, ofSecret, ofSecretAnywhere, nameOfGuess } = counts;

  /** One secret that was replaced is shown by everybody who had it, and is one guess, where the client is known to work. */
  async function isShownAgain(origin: Origin, clientId: string, secret: string): Promise<boolean> {
    const { count } = await store.count(nameOfGuess(clientId, secret), guessSeconds);
    if (count === 1) return false;
    return (await trust.earnedBy(origin.near, clientId)) > 0 || (await trust.isHosted(origin));
  }

  return async (origin: Origin, ctx: Context): Promise<Counted[]> => {
    const { client } = (ctx as unknown as KoaContextWithOIDC).oidc;
    const { error } = (ctx.body ?? {}) as { error?: string };
    if (!client) return ofTokens(origin, '', 'loopback');
    const host = hostOf(client.redirectUris?.[0]);
    if (error !== 'invalid_client') return ofTokens(origin, client.clientId, host);
    const again = await isShownAgain(origin, client.clientId, secretOf(ctx));
    if (again) return ofTokens(origin, client.clientId, host);
    return [...ofSecret(origin, client.clientId), ofSecretAnywhere(client.clientId)];
  };
}

/** As it was sent; of an assertion nothing, which is signed and not guessed. */
function secretOf(ctx: Context): string {
  const { params } = (ctx as unknown as KoaContextWithOIDC).oidc;
  return [ctx.get('Authorization'), params?.client_secret ?? ''].join(' ');
}
