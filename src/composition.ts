import { createRegistrations, type Registrations } from './adapter/index.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config/index.ts';
import {
  type Connections,
  createConnections,
  createEndings,
  createRevocations,
  type Endings,
  type Revocations,
  tellOfEndings,
} from './connections/index.ts';
import { createLocalDirectory, type LocalDirectory } from './directory/index.ts';
import { createRegistrationLifetimes } from './provider/index.ts';
import { createSessionCutoff, type SessionCutoff } from './sessions/index.ts';
import type { Store } from './storage/index.ts';
import { openStoreRing, type StoreRing } from './store-ring.ts';

interface Parts {
  readonly clock?: Clock;
  /** The caller's own; absent: the one that the configuration names. */
  readonly store?: Store | undefined;
  readonly onStoreError?: (error: Error) => void;
  readonly onEnded?: (connectionId: string, reason: string) => void;
}

/** What the service and the command line share, so that a command ends a connection exactly as a page does. */
export interface Domain {
  readonly ring: StoreRing;
  readonly revocations: Revocations;
  readonly registrations: Registrations;
  readonly connections: Connections;
  readonly cutoff: SessionCutoff;
  readonly endings: Endings;
  /** The built-in one; what ends in it ends at the gateways, too. */
  readonly localDirectory: LocalDirectory;
}

const ignore = () => undefined;

export async function createDomain(config: Config, parts: Parts = {}): Promise<Domain> {
  const { clock = systemClock, onStoreError = ignore, onEnded = ignore } = parts;
  const { lifetimes, signIn } = config.policy;
  const ring = await openStoreRing(config, onStoreError, parts.store);
  const { store, keys, secrecy } = ring;
  const revocations = createRevocations({ ...ring, accessTokenTtl: lifetimes.accessToken });
  const registrations = createRegistrations({ ...ring, lifetimes: createRegistrationLifetimes(lifetimes), clock });
  const connections = createConnections({
    ...ring,
    revocations,
    onBegun: registrations.use,
    onEnded,
    onChanged: revocations.connectionChanged,
    refreshTokenTtl: lifetimes.refreshToken,
  });
  const cutoff = createSessionCutoff({ ...ring, clock });
  const signOutEverywhere = signIn.passwordChangeEndsConnections ? cutoff.endEverywhere : undefined;
  const endings = createEndings({ connections, revocations, signOutEverywhere });
  const localDirectory = tellOfEndings(createLocalDirectory({ store, keys, hash: secrecy.hash }), endings);
  return { ring, revocations, registrations, connections, cutoff, endings, localDirectory };
}
