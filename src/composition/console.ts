import type Provider from 'oidc-provider';
import type { Clock } from '../clock.ts';
import { consolePolicy, type Policy } from '../config/index.ts';
import type { Revocation } from '../connections/index.ts';
import {
  type ConsoleRevocation,
  consoleEndpoints,
  createCallLimit,
  createChallenges,
  createConsoleEndpoints,
  createHttpDirectory,
  createReceiveEvents,
  type DirectoryObserver,
  guardDirectory,
  type HttpDirectory,
  type SignJwt,
} from '../console/index.ts';
import type { Directory } from '../directory/index.ts';
import type { ClientAddress, Endpoint } from '../http/index.ts';
import { createSignJwt, type SigningKeys } from '../keys/index.ts';
import type { Events } from '../operations/index.ts';
import { createFindConsoleClient } from '../provider/index.ts';
import type { SessionCutoff } from '../sessions/index.ts';
import { createHandOff, type HandOff } from '../sign-in/index.ts';
import type { Unfinished } from '../storage/index.ts';
import type { StorageContext } from './storage-context.ts';

export interface ConsoleParts extends StorageContext {
  readonly unfinished: Unfinished;
  readonly issuer: string;
  readonly clock: Clock;
  readonly events: Events;
  readonly signing: SigningKeys;
  readonly revocation: Revocation;
  readonly cutoff: SessionCutoff;
  readonly clientAddress: ClientAddress;
  readonly policy: Pick<Policy, 'directory' | 'clients'>;
  /** In place of what the console answers. */
  readonly own?: Directory | undefined;
}

/** A console that has the accounts: what it is asked, what it answers, and what it tells. */
export interface ConsoleConnection {
  readonly directory: HttpDirectory;
  /** Where its people sign in. */
  readonly signIn: string;
  readonly handOff: HandOff;
  endpoints(provider: Provider): Endpoint[];
  close(): Promise<void>;
}

/** Nothing where accounts are kept here. */
export function connectConsole(parts: ConsoleParts): ConsoleConnection | undefined {
  const policy = consolePolicy(parts.policy.directory);
  if (!policy) return undefined;
  const { issuer, clock, events, vault } = parts;
  const storage = { ...parts, hash: vault.hash };
  const challenges = createChallenges(storage, clock);
  const directory = createHttpDirectory({
    url: policy.url,
    issuer,
    sign: createSign(parts.signing),
    clock,
    unavailable: policy.unavailable,
    observer: createObserver(events),
  });
  const receiveEvents = createReceiveEvents({
    storage,
    revocation: createConsoleRevocation(parts, parts.own ?? directory),
    forgetAccount: directory.forgetAccount,
  });
  return {
    directory,
    signIn: policy.signIn,
    handOff: createHandOff({ challenges, ...policy }),
    endpoints: (provider) => {
      const clients = parts.policy.clients.filter(({ client_id: id }) => policy.clients.includes(id));
      const findClient = createFindConsoleClient({ ...parts, provider, clients });
      return createEndpoints(parts, { challenges, receiveEvents, findClient });
    },
    close: directory.close,
  };
}

interface EndpointParts extends Pick<Parameters<typeof createConsoleEndpoints>[0], 'challenges' | 'receiveEvents'> {
  readonly findClient: ReturnType<typeof createFindConsoleClient>;
}

/** What a console calls, each call written down. */
function createEndpoints(parts: ConsoleParts, { findClient, ...called }: EndpointParts): Endpoint[] {
  const { issuer, clock, events, clientAddress } = parts;
  const handlers = createConsoleEndpoints({
    ...called,
    issuer,
    clock,
    findConsole: ({ authorization }) => findClient(authorization),
    findDelay: createCallLimit(parts),
    onAudit: ({ accountId, ...audited }) =>
      events.emit({ ...audited, ...(accountId !== undefined && { account: accountId }) }),
  });
  return consoleEndpoints({ issuer, clientAddress, handlers });
}

/** A directory of the host's own, held to what a console is held to. */
export function acceptDirectory(own: Directory | undefined, events: Events): Directory | undefined {
  return own && guardDirectory(own, createObserver(events));
}

function createObserver(events: Events): DirectoryObserver {
  return {
    onCall: (call) => events.emit({ event: 'directory.call', ...call }),
    onBreaker: (state) => events.emit({ event: 'directory.breaker', state }),
    onUnavailable: ({ question, check }) => events.emit({ event: 'directory.unavailable', question, check }),
    onAvailable: () => events.emit({ event: 'directory.available' }),
  };
}

/** What it asks the console with is signed like everything else of this server. */
export function createSign({ jwks }: SigningKeys): SignJwt {
  return (claims, typ) => createSignJwt(jwks.keys[0] ?? {}, typ)(claims);
}

function createConsoleRevocation({ revocation, cutoff }: ConsoleParts, directory: Directory): ConsoleRevocation {
  const { membershipEnded, accountDisabled, organizationDeleted } = revocation;
  return {
    membershipEnded,
    accountDisabled,
    accountDeleted: accountDisabled,
    accountSignedOut: cutoff.endEverywhere,
    organizationDeleted,
    async roleChanged(accountId, organizationId) {
      // Which one it is now the event does not say.
      const membership = await directory.findMembership(accountId, organizationId);
      if (membership) await revocation.roleChanged(accountId, organizationId, membership.role);
      else await membershipEnded(accountId, organizationId);
    },
  };
}
