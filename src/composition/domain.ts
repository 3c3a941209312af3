import { createRegistrations, type Registrations } from '../adapter/index.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import {
  type Connection,
  type Connections,
  createConnections,
  createRevocation,
  createRevocations,
  type Revocation,
  type Revocations,
  revokeWithDirectory,
} from '../connections/index.ts';
import {
  argon2Parameters,
  createLocalDirectory,
  createPasswordHasher,
  type LocalDirectory,
  type PasswordHasher,
} from '../directory/index.ts';
import { createFactors, type Factors } from '../factors/index.ts';
import { createRegistrationLifetimes } from '../provider/index.ts';
import { createSessionCutoff, type SessionCutoff } from '../sessions/index.ts';
import { createUnfinished, type Store, type Unfinished } from '../storage/index.ts';
import { openStorageContext, type StorageContext } from './storage-context.ts';

interface Parts {
  readonly clock?: Clock;
  /** The caller's own; absent: the one that the configuration names. */
  readonly store?: Store | undefined;
  /** How the built-in directory hashes passwords; argon2id unless told. */
  readonly passwords?: PasswordHasher | undefined;
  /** Throws where the store that the configuration names is not to be used. */
  readonly beforeUse?: (storage: StorageContext) => Promise<void>;
  readonly onStoreError?: (error: Error) => void;
  readonly onEnded?: (connectionId: string, reason: string, connection: Connection) => void;
}

/** What the service and the command line share, so that a command ends a connection exactly as a page does. */
export interface Domain {
  readonly storage: StorageContext;
  readonly revocations: Revocations;
  readonly registrations: Registrations;
  /** What people begin who are not signed in. */
  readonly unfinished: Unfinished;
  readonly connections: Connections;
  readonly cutoff: SessionCutoff;
  readonly revocation: Revocation;
  /** The built-in one; what ends in it ends at the gateways, too. */
  readonly localDirectory: LocalDirectory;
  /** What its accounts have beside their passwords. */
  readonly factors: Factors;
}

const ignore = () => undefined;

export async function createDomain(config: Config, parts: Parts = {}): Promise<Domain> {
  const { clock = systemClock, onStoreError = ignore } = parts;
  const { lifetimes, limits, identityProviders } = config.policy;
  const knowsProvider = (provider: string) => identityProviders.some(({ id }) => id === provider);
  const storage = await openStorageContext(config, onStoreError, { ...parts, clock });
  const unfinished = createUnfinished({ ...storage, slots: limits.unfinishedSignIns });
  const cutoff = createSessionCutoff({
    ...storage,
    clock,
    knowsProvider,
    rememberedSeconds: Math.max(lifetimes.session, lifetimes.refreshToken),
  });
  const approvals = createApprovals(config, { storage, clock, cutoff, onEnded: parts.onEnded ?? ignore });
  const accounts = createAccounts(config, { storage, clock, knowsProvider, passwords: parts.passwords, ...approvals });
  return { storage, unfinished, cutoff, ...approvals, ...accounts };
}

interface StorageParts {
  readonly storage: StorageContext;
  readonly clock: Clock;
}

/** What people approved, and how that ends. */
function createApprovals(
  { policy: { lifetimes, limits, signIn } }: Config,
  { storage, clock, cutoff, onEnded }: StorageParts & Pick<Domain, 'cutoff'> & Required<Pick<Parts, 'onEnded'>>,
) {
  const revocations = createRevocations({ ...storage, accessTokenTtl: lifetimes.accessToken, clock });
  const registrations = createRegistrations({
    ...storage,
    lifetimes: createRegistrationLifetimes(lifetimes),
    mostUnused: limits.unusedRegistrations,
    mostUnusedDocuments: limits.unusedDocuments,
    clock,
  });
  const connections = createConnections({
    ...storage,
    revocations,
    onBegun: registrations.use,
    onEnded,
    onChanged: revocations.connectionChanged,
    refreshTokenTtl: lifetimes.refreshToken,
    longestLife: lifetimes.connection,
  });
  const signOutEverywhere = signIn.passwordChangeEndsConnections ? cutoff.endEverywhere : undefined;
  const revocation = createRevocation({ connections, revocations, signOutEverywhere });
  return { revocations, registrations, connections, revocation };
}

interface AccountParts extends StorageParts, Pick<Domain, 'revocation'>, Pick<Parts, 'passwords'> {
  readonly knowsProvider: (provider: string) => boolean;
}

/** The built-in directory, with what its accounts have beside their passwords. */
function createAccounts(config: Config, { storage, clock, knowsProvider, passwords, revocation }: AccountParts) {
  const { brand, limits } = config.policy;
  const { store, names, reads, vault } = storage;
  const factors = createFactors({ ...storage, clock, issuer: issuerOf(config), brand: brand.name });
  const directory = createLocalDirectory(
    {
      ...{ store, names, reads, hash: vault.hash, formerHashes: vault.hashers.slice(1) },
      alsoRead: (accountId) => [names.signedOut(accountId), names.factors(accountId)],
    },
    passwords ?? createPasswordHasher(argon2Parameters, limits.waitingPasswords),
    { believes: knowsProvider, onRemoved: factors.reset },
  );
  return { factors, localDirectory: revokeWithDirectory(directory, revocation) };
}

/** The public identifier; of a development server the port says it. */
export function issuerOf({ issuer, port }: Pick<Config, 'issuer' | 'port'>): string {
  return issuer ?? `http://localhost:${port}/mcp`;
}
