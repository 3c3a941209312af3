import type { Context } from 'koa';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Registrations } from '../adapter/index.ts';
import { describesItself } from '../clients/index.ts';
import type { Clock } from '../clock.ts';
import type { Policy } from '../config/index.ts';
import { type ClientAddress, type Counted, createRateLimit, networksOf, tooMany } from '../http/index.ts';
import type { RecordNames, Store, Vault } from '../storage/index.ts';
import { createCountedRequests, hostOf } from './counted-requests.ts';
import { createCountFailures } from './token-failures.ts';
import { createTrust, type Origin } from './trusted-networks.ts';

interface RequestLimitParts {
  readonly store: Store;
  readonly names: Pick<RecordNames, 'requestCount' | 'completedFlows'>;
  readonly vault: Pick<Vault, 'hash'>;
  readonly clock: Clock;
  readonly clientAddress: ClientAddress;
  readonly policy: Pick<Policy, 'limits'>;
  readonly registrations: Pick<Registrations, 'isUsed'>;
}

/**
 * How often strangers may ask for what they do not go on with: registrations, authorization requests, tokens and secrets
 * that are wrong. Told from people by what they achieve: what succeeds is not counted, and each connection that is made from
 * a network gives it more; clients that are hosted for many people are known by where their redirects lead (R85).
 */
export interface RequestLimits {
  /** To be called before a registration is kept; throws when there were too many. */
  readonly admitRegistration: (redirectUris: readonly unknown[]) => Promise<void>;
  /** To be called before a client is looked for; throws when somebody guesses at it. */
  readonly admitClient: (clientId: string) => Promise<void>;
  readonly beforeAuthorization: (ctx: Context) => Promise<void>;
  /** When the provider has answered; throw when that was once too often. */
  readonly afterAuthorization: (ctx: Context) => Promise<void>;
  readonly afterRegistration: (ctx: Context) => Promise<void>;
  readonly afterClientRequest: (ctx: Context) => Promise<void>;
}

const clientRoutes = new Set(['token', 'revocation', 'introspection']);
const registrationRoute = new Set(['registration']);

export function createRequestLimits(parts: RequestLimitParts): RequestLimits {
  const { store, clock, clientAddress, registrations } = parts;
  const rate = createRateLimit(store, clock);
  const trust = createTrust(parts);
  const counts = createCountedRequests({ ...parts, trust });
  const { ofRegistration, ofFailedRegistration, ofAuthorization, ofNewClients, ofSecret, ofSecretAnywhere } = counts;
  const countFailures = createCountFailures({ ...parts, trust, counts });
  function networksAt(ctx: Context): Origin | undefined {
    const address = clientAddress(ctx);
    const networks = networksOf(address);
    return networks.isLoopback ? undefined : { ...networks, address };
  }

  /** The request that is under way, if it came by one of these routes. */
  function askedBy(routes: ReadonlySet<string>) {
    const ctx = Provider.ctx as unknown as (Context & KoaContextWithOIDC) | undefined;
    const networks = ctx && routes.has(ctx.oidc?.route ?? '') ? networksAt(ctx) : undefined;
    return ctx && networks && { ctx, networks };
  }

  const isNew = async (clientId: string) => describesItself(clientId) && !(await registrations.isUsed(clientId));

  async function ofBegun(networks: Origin, clientId: string, uri: unknown): Promise<Counted[]> {
    const counted = ofAuthorization(networks, clientId, uri);
    return (await isNew(clientId)) ? [...counted, ...ofNewClients(networks, uri)] : counted;
  }

  function refuseBlocked(ctx: Context, counted: readonly Counted[], detail: string): void {
    const seconds = rate.blockedFor(counted.map(({ name }) => name));
    if (seconds !== undefined) throw tooMany(ctx, seconds, detail);
  }

  async function note(ctx: Context, counted: readonly Counted[], detail: string): Promise<void> {
    const seconds = await rate.note(counted);
    if (seconds === undefined) return;
    ctx.remove('Location');
    throw tooMany(ctx, seconds, detail);
  }

  return {
    async admitRegistration(redirectUris) {
      const asked = askedBy(registrationRoute);
      if (!asked) return;
      const { ctx, networks } = asked;
      const counted = ofRegistration(networks, redirectUris);
      refuseBlocked(ctx, counted, words.registration);
      await note(ctx, counted, words.registration);
    },

    async admitClient(clientId) {
      const asked = rate.isQuiet() ? undefined : askedBy(clientRoutes);
      if (!asked) return;
      const { ctx, networks } = asked;
      refuseBlocked(ctx, ofSecret(networks, clientId), words.token);
      const anywhere = ofSecretAnywhere(clientId);
      if (rate.blockedFor([anywhere.name]) === undefined) return;
      // Whoever guesses from many networks does not lock out those from which the client works.
      if ((await trust.earnedBy(networks.near, clientId)) === 0) refuseBlocked(ctx, [anywhere], words.token);
    },

    async beforeAuthorization(ctx) {
      if (rate.isQuiet()) return;
      const networks = networksAt(ctx);
      const [clientId = ''] = [ctx.query.client_id].flat();
      const [uri] = [ctx.query.redirect_uri].flat();
      if (!networks) return;
      refuseBlocked(ctx, ofAuthorization(networks, clientId, uri), words.authorization);
      const counted = ofNewClients(networks, uri);
      const isBlocked = rate.blockedFor(counted.map(({ name }) => name)) !== undefined;
      if (isBlocked && (await isNew(clientId))) refuseBlocked(ctx, counted, words.authorization);
    },

    async afterAuthorization(ctx) {
      const networks = networksAt(ctx);
      const { client, session, params } = (ctx as unknown as KoaContextWithOIDC).oidc ?? {};
      const isRefused = ctx.status >= 400 && ctx.status < 500;
      // Whoever is signed in is known, and goes on.
      if (!networks || ctx.status >= 500 || (session?.accountId && !isRefused)) return;
      const uri = isRefused ? undefined : params?.redirect_uri;
      await note(ctx, await ofBegun(networks, client?.clientId ?? '', uri), words.authorization);
    },

    async afterRegistration(ctx) {
      const networks = isFailure(ctx) ? networksAt(ctx) : undefined;
      if (networks) await note(ctx, ofFailedRegistration(networks), words.registration);
    },

    // Whatever else fails is answered with 429 afterwards: nobody's token is refused for what others in its network present.
    async afterClientRequest(ctx) {
      const { oidc } = ctx as unknown as KoaContextWithOIDC;
      const hasEarned = ctx.status < 300 && oidc?.params?.grant_type === 'authorization_code';
      if (!oidc || !(hasEarned || isFailure(ctx))) return;
      const networks = networksAt(ctx);
      if (!networks) return;
      if (hasEarned) await earn(networks, oidc);
      else await note(ctx, await countFailures(networks, ctx), words.token);
    },
  };

  async function earn({ near }: Origin, { client, params }: KoaContextWithOIDC['oidc']): Promise<void> {
    if (!client) return;
    await trust.earn(near, [hostOf(params?.redirect_uri ?? client.redirectUris?.[0]), client.clientId]);
  }
}

/** Of the client's doing, and not refused by these limits already. */
const isFailure = ({ status }: Context) => status >= 400 && status < 500 && status !== 429;

const words = {
  registration: 'too many clients register from your network',
  authorization: 'too many connections are begun from your network and not finished',
  token: 'too many requests of this client from your network fail',
};
