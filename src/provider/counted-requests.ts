import { isLoopbackHost } from '@bkend/mcp-gateway/vocabulary';
import type { Policy } from '../config/index.ts';
import { type Counted, networksInWide } from '../http/index.ts';
import type { RecordNames, Vault } from '../storage/index.ts';
import type { Origin, Trust } from './trusted-networks.ts';

interface Parts {
  readonly names: Pick<RecordNames, 'requestCount'>;
  readonly vault: Pick<Vault, 'hash'>;
  readonly policy: Pick<Policy, 'limits'>;
  readonly trust: Pick<Trust, 'earnedBy' | 'isHosted'>;
}

/** A secret is guessed at from many networks by nobody who means well. */
const networksPerSecret = 10;

export type CountedRequests = ReturnType<typeof createCountedRequests>;

/** What is counted of a request, and how much of it is taken. */
export function createCountedRequests({ names, vault, policy: { limits }, trust }: Parts) {
  const hosted = new Set(limits.hostedClients);
  const isHosted = (uris: readonly unknown[]) => uris.length > 0 && uris.every((uri) => hosted.has(hostOf(uri)));

  // Keyed hashes: neither a dump of the keys nor a look at the running store lists who asked from where.
  const nameOf = (...words: string[]) => names.requestCount(vault.hash('request', words.join(' ')));

  /** Of a network and the one around it, which is as large as several. */
  function ofNetworks({ near, wide }: Origin, kind: string, limit: number, more?: Counted['more']): Counted[] {
    const counted = (network: string, times: number): Counted => ({
      name: nameOf(kind, network),
      limit: limit * times,
      ...(more && { more }),
    });
    return [counted(near, 1), ...(wide ? [counted(wide, networksInWide)] : [])];
  }

  const earned =
    ({ near }: Origin, host: string) =>
    () =>
      trust.earnedBy(near, host);

  /** People behind a hosted client fail together, when what many of them had has ended: each is to be told so. */
  const earnedOrHosted = (origin: Origin, host: string) => async () =>
    (await trust.isHosted(origin))
      ? limits.hostedPerMinute || Number.POSITIVE_INFINITY
      : await trust.earnedBy(origin.near, host);

  function ofRegistration(networks: Origin, uris: readonly unknown[]): Counted[] {
    const host = hostOf(uris[0]);
    return isHosted(uris)
      ? ofNetworks(networks, `registration ${host}`, limits.hostedPerMinute, earned(networks, host))
      : ofNetworks(networks, 'registration', limits.registrationsPerMinute, earned(networks, host));
  }

  const ofFailedRegistration = (networks: Origin): Counted[] =>
    ofNetworks(networks, 'registration', limits.registrationsPerMinute, earnedOrHosted(networks, ''));

  function ofAuthorization(networks: Origin, clientId: string, uri: unknown): Counted[] {
    const host = hostOf(uri);
    return isHosted([uri])
      ? ofNetworks(networks, `authorization ${host}`, limits.hostedPerMinute, earned(networks, host))
      : ofNetworks(networks, `authorization ${clientId}`, limits.authorizationsPerMinute, earned(networks, host));
  }

  /** Of all clients together that nobody has used: whoever may register has as many of them as they like. */
  function ofNewClients(networks: Origin, uri: unknown): Counted[] {
    if (isHosted([uri])) return [];
    const more = earned(networks, hostOf(uri));
    return ofNetworks(networks, 'authorization of new clients', limits.authorizationsPerMinute, more);
  }

  function ofSecret(networks: Origin, clientId: string): Counted[] {
    return ofNetworks(networks, `secret ${clientId}`, limits.tokenFailuresPerMinute);
  }
  const ofSecretAnywhere = (clientId: string): Counted => ({
    name: nameOf('secret', clientId),
    limit: networksPerSecret * limits.tokenFailuresPerMinute,
  });
  /** Which secret it was; nothing is learned by showing one again. */
  const nameOfGuess = (clientId: string, secret: string) => nameOf('guess', clientId, secret);
  function ofTokens(networks: Origin, clientId: string, host: string): Counted[] {
    return ofNetworks(networks, `token ${clientId}`, limits.tokenFailuresPerMinute, earnedOrHosted(networks, host));
  }

  return {
    ofRegistration,
    ofFailedRegistration,
    ofAuthorization,
    ofNewClients,
    ofSecret,
    ofSecretAnywhere,
    nameOfGuess,
    ofTokens,
  };
}

/** Of what a redirect leads to; all of loopback is one place. */
export function hostOf(uri: unknown): string {
  const url = typeof uri === 'string' ? URL.parse(uri) : null;
  if (!url) return '';
  return isLoopbackHost(url.hostname) ? 'loopback' : url.hostname.toLowerCase() || url.protocol;
}
