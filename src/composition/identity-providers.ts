import type { EgressProxy } from '../clients/index.ts';
import type { Clock } from '../clock.ts';
import type { Policy } from '../config/index.ts';
import type { Connections, Revocation } from '../connections/index.ts';
import type { Arrived, Identity, LocalDirectory } from '../directory/index.ts';
import type { Endpoint, PageParts } from '../http/index.ts';
import {
  clockToleranceSeconds,
  createIdentityProviders,
  type IdentityProvider,
  identityProviderEndpoints,
  type LogoutToken,
  maxAgeSeconds,
} from '../identity-providers/index.ts';
import type { Events } from '../operations/index.ts';
import type { SessionCutoff } from '../sessions/index.ts';
import { createProviderPlaces } from '../sign-in/index.ts';
import type { Unfinished } from '../storage/index.ts';
import type { StorageContext } from './storage-context.ts';

export interface IdentityParts extends StorageContext, Pick<PageParts, 'pages' | 'cookies' | 'paths' | 'antiForgery'> {
  readonly unfinished: Unfinished;
  readonly issuer: string;
  readonly policy: Pick<Policy, 'identityProviders' | 'roles' | 'directory'>;
  readonly clock: Clock;
  readonly events: Events;
  readonly revocation: Revocation;
  readonly cutoff: SessionCutoff;
  readonly connections: Pick<Connections, 'endAll'>;
  readonly localDirectory: LocalDirectory;
  readonly egressProxy?: EgressProxy | undefined;
  /** Accounts that are found by email are not kept elsewhere. */
  readonly mayLink: boolean;
}

/** The identity providers of the configuration: how people come from there, and what ends when they sign out there. */
export interface IdentityConnection {
  readonly places: ReturnType<typeof createProviderPlaces>;
  endpoints(): Endpoint[];
  close(): Promise<void>;
}

/** Nothing where there are none. */
export function connectIdentityProviders(parts: IdentityParts): IdentityConnection | undefined {
  const { policy, events } = parts;
  if (policy.identityProviders.length === 0) return undefined;
  const providers = createIdentityProviders({
    ...parts,
    policies: policy.identityProviders,
    roles: Object.keys(policy.roles),
    onCall: (call) => events.emit({ event: 'identity_provider.call', ...call }),
  });
  return {
    places: createProviderPlaces({ ...parts, providers, arrive: createArrive(parts) }),
    endpoints: () =>
      identityProviderEndpoints({
        ...parts,
        providers,
        receiveLogout: createReceiveLogout(parts),
        onLogout: (logout) => events.emit({ event: 'identity_provider.logout', ...logout }),
      }),
    close: providers.close,
  };
}

/** Who arrives with less than before has less from then on, at the gateways, too. */
function createArrive({ localDirectory, revocation, mayLink }: IdentityParts) {
  return async (identity: Identity): Promise<Arrived> => {
    const arrived = await localDirectory.arrive({ ...identity, linksByEmail: identity.linksByEmail && mayLink });
    const { accountId, left, changed } = arrived;
    await Promise.all([
      ...left.map((organizationId) => revocation.membershipEnded(accountId, organizationId)),
      ...changed.map(({ organizationId, role }) => revocation.roleChanged(accountId, organizationId, role)),
    ]);
    return arrived;
  };
}

/** OpenID Connect Back-Channel Logout §2.7. False for one that came before: it might end a session that is newer. */
function createReceiveLogout({ store, names, vault, cutoff, connections, localDirectory }: IdentityParts) {
  const nameOf = (hash: typeof vault.hash, { issuer, sid }: LogoutToken) =>
    names.providerSession(hash('provider-session', `${issuer} ${sid}`));

  /** Whose it is, as far as the token, or what is remembered of the session, says it. */
  async function endSessions(token: LogoutToken): Promise<string | undefined> {
    const { issuer, subject, sid } = token;
    const accountId = subject === undefined ? undefined : await localDirectory.findAccountIdOf(issuer, subject);
    if (sid === undefined) {
      if (accountId !== undefined) await cutoff.endEverywhere(accountId);
      return accountId;
    }
    // Under each secret: a session may have begun under another one.
    const owners = await Promise.all(vault.hashers.map((hash) => cutoff.endProviderSession(nameOf(hash, token))));
    return accountId ?? owners.find((owner) => owner !== undefined);
  }

  async function endConnections(accountId: string, provider: string): Promise<void> {
    await connections.endAll({ accountId }, 'signed out', ({ signIn }) => signIn?.provider === provider);
  }

  return async ({ id, logoutEnds }: IdentityProvider, token: LogoutToken): Promise<boolean> => {
    const key = names.logoutToken(vault.hash('logout-token', `${token.issuer} ${token.jti}`));
    if (!(await store.writeIfAbsent(key, '{}', maxAgeSeconds + 2 * clockToleranceSeconds))) return false;
    try {
      const accountId = await endSessions(token);
      if (accountId !== undefined && logoutEnds === 'connections') await endConnections(accountId, id);
    } catch (error) {
      // Not done: whoever sends it again is not told that it was used.
      await store.remove([key]).catch(() => undefined);
      throw error;
    }
    return true;
  };
}
