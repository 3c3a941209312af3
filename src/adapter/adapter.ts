import type { Adapter } from 'oidc-provider';
import type { ClientDocuments } from '../clients/index.ts';
import type { Connections } from '../connections/index.ts';
import type { RecordNames, RequestReads, Store, Unfinished, Vault } from '../storage/index.ts';
import { type AuthorizationCodes, createAuthorizationCodes } from './authorization-codes.ts';
import { InteractionAdapter, SessionAdapter } from './browser-adapters.ts';
import { ClientAdapter, type ClientLimits, type Members } from './client-adapter.ts';
import { CodeAdapter, GrantAdapter, RefreshTokenAdapter } from './connection-adapters.ts';
import { type AccountRecords, type CutoffRecords, createFlows, createKnownSessions } from './flows.ts';
import { ModelAdapter, RegistrationTokenAdapter, ReplayAdapter } from './model-adapter.ts';
import { createRefreshLines, type RefreshLines } from './refresh-lines.ts';
import type { Registrations } from './registrations.ts';

interface AdapterParts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly vault: Vault;
  readonly reads: RequestReads;
  readonly registrations: Registrations;
  readonly unfinished: Unfinished;
  readonly connections: Pick<Connections, 'end' | 'endOfClient'>;
  /** Clients of the configuration, complete. */
  readonly clients: readonly Readonly<Record<string, unknown>>[];
  /** Clients that are described on the web. */
  readonly documents: ClientDocuments;
  readonly members?: Members | undefined;
  /** The directory, where it is in the same store. */
  readonly stored?: AccountRecords | undefined;
  readonly cutoffRecords?: CutoffRecords;
  readonly limits?: ClientLimits | undefined;
  /** Seconds during which a replay of a refresh token is answered like the first use. */
  readonly refreshGrace: number;
  /** Renewals of one line within an hour; 0 without limit. */
  readonly renewalsPerHour: number;
  /** Seconds from a renewal of a line that began at this time to its end. */
  readonly refreshTokenTtl: (line: { readonly iiat: number }) => number;
}

/** oidc-provider's `adapter` option, and the same records for grants of one's own. */
interface ProtocolRecords {
  readonly adapter: (model: string) => Adapter;
  readonly codes: AuthorizationCodes;
  /** What a request of this flow reads first. */
  readonly recordsOfFlow: (uid: string) => readonly string[];
  /** What it reads where it goes on after a page. */
  readonly recordsToGoOn: (uid: string) => readonly string[];
  /** What is read for the session of this cookie. */
  readonly recordsOfSession: (id: string) => readonly string[];
  readonly lines: RefreshLines;
}

export function createAdapter(parts: AdapterParts): ProtocolRecords {
  const codes = createAuthorizationCodes(parts);
  const lines = createRefreshLines(parts);
  const { names, documents, clients, stored, cutoffRecords = () => [] } = parts;
  const configured = new Map(clients.map((client) => [client.client_id, client]));
  const isStored = (id: string) => !configured.has(id) && !documents.isDocumentUrl(id);
  const flows = createFlows({ names, isStored, stored });
  const knownSessions = createKnownSessions(cutoffRecords);
  const shared = { ...parts, codes, lines, flows, knownSessions, configured };
  const special: Readonly<Record<string, () => Adapter>> = {
    Client: () => new ClientAdapter(shared),
    Grant: () => new GrantAdapter(shared),
    AuthorizationCode: () => new CodeAdapter(shared),
    RefreshToken: () => new RefreshTokenAdapter(shared),
    Interaction: () => new InteractionAdapter('Interaction', shared),
    Session: () => new SessionAdapter('Session', shared),
    RegistrationAccessToken: () => new RegistrationTokenAdapter('RegistrationAccessToken', shared),
    ReplayDetection: () => new ReplayAdapter('ReplayDetection', shared),
  };
  return {
    recordsOfFlow: (uid) => [names.model('Interaction', uid), ...flows.recordsOf(uid)],
    recordsToGoOn: (uid) => [names.model('Interaction', uid), ...flows.recordsToGoOn(uid)],
    recordsOfSession(id) {
      const name = names.model('Session', id);
      return [name, ...knownSessions.recordsOf(name)];
    },
    adapter: (model) => special[model]?.() ?? new ModelAdapter(model, shared),
    codes,
    lines,
  };
}
