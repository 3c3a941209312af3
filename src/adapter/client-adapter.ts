import { type AdapterPayload, errors, Provider } from 'oidc-provider';
import {
  asPublicClient,
  type ClientDocuments,
  type ClientRequest,
  clientRoutes,
  optionalSecret,
} from '../clients/index.ts';
import type { Connection, Connections } from '../connections/index.ts';
import {
  findHeld,
  forgetStored,
  keepMeanwhile,
  noteStored,
  type RecordNames,
  type RequestReads,
  type StoredRecord,
  type Vault,
} from '../storage/index.ts';
import type { AuthorizationCodes } from './authorization-codes.ts';
import { ModelAdapter, type ModelParts } from './model-adapter.ts';
import { perRequest } from './per-request.ts';
import { presented } from './presented.ts';
import type { RefreshLines } from './refresh-lines.ts';

interface Parts extends ModelParts {
  readonly names: RecordNames;
  readonly vault: Vault;
  readonly reads: RequestReads;
  readonly codes: AuthorizationCodes;
  readonly lines: RefreshLines;
  readonly connections: Pick<Connections, 'end' | 'endOfClient'>;
  /** Clients of the configuration, by their id. */
  readonly configured: ReadonlyMap<unknown, Readonly<Record<string, unknown>>>;
  readonly documents: ClientDocuments;
  readonly members?: Pick<Members, 'recordsOf'> | undefined;
  readonly limits?: ClientLimits | undefined;
}

/** Whether the person of a connection is a member still, where that is in the same store. */
export interface Members {
  /** A token of this connection is going to ask. */
  note(connection: Connection): void;
  /** What it is going to read, as far as this process has seen it. */
  recordsOf(connectionId: string): readonly string[];
}

/** What may be asked too often; each throws then. */
export interface ClientLimits {
  admitRegistration(redirectUris: readonly unknown[]): Promise<void>;
  admitClient(clientId: string): Promise<void>;
}

/** Every client, wherever it is known from: the configuration, a registration, or a description on the web. */
export class ClientAdapter extends ModelAdapter {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super('Client', parts);
    this.#parts = parts;
  }

  protected override nameOf(id: string): string {
    return this.parts.names.client(id);
  }

  override async upsert(id: string, payload: AdapterPayload): Promise<void> {
    const { vault, registrations, limits } = this.#parts;
    await limits?.admitRegistration(payload.redirect_uris ?? []);
    const { client_secret: secret } = payload;
    const kept = secret === undefined ? payload : { ...payload, client_secret: vault.stripSplitSecret(secret) };
    const isNew = Provider.ctx?.oidc.route === 'registration';
    // A new one is kept together with its token, which follows, before the answer says so.
    if (isNew) await keepMeanwhile(registrations.keepClient(id, JSON.stringify(kept)));
    else await registrations.changeClient(id, JSON.stringify(kept));
    forgetStored(this.nameOf(id));
  }

  /** What is stored under the id of a configured client stays unseen. */
  override async find(id: string): Promise<AdapterPayload | undefined> {
    await this.#parts.limits?.admitClient(id);
    const configured = this.#parts.configured.get(id);
    // oidc-provider completes what it gets, and the configuration is frozen.
    if (configured) return structuredClone(configured) as AdapterPayload;
    const { documents } = this.#parts;
    if (documents.isDocumentUrl(id)) return findOnWeb(id, (request) => documents.find(id, request));
    const record = await this.findRecord(id);
    if (!record) return undefined;
    const payload: AdapterPayload = JSON.parse(record.value);
    // A registered secret is stored as its first half.
    if (payload.client_secret) payload.client_secret = this.#parts.vault.restoreSplitSecret(payload.client_secret);
    if (payload[optionalSecret] && comesWithoutSecret()) return asPublicClient(payload) as AdapterPayload;
    return payload.jwks_uri ? findOnWeb(id, (request) => documents.withKeys(payload, request)) : payload;
  }

  /** A request that ends a step and begins the next one has one client. */
  protected override async findRecord(id: string): Promise<StoredRecord | undefined> {
    const { reads } = this.#parts;
    const name = this.nameOf(id);
    const known = findHeld(name)?.record;
    if (known) {
      reads.ahead(this.readNext());
      return known;
    }
    const next = this.readNext();
    const [record] = await reads.read([name], next);
    // Who presents a token asks for its client once.
    if (record && next.length === 0) noteStored(name, record);
    return record;
  }

  /** A token request reads what it presents, a flow that goes on what was approved in it. */
  protected override readNext(): readonly string[] {
    const { codes, lines, members } = this.#parts;
    /** Either begins with its connection. */
    const withMember = (records: readonly string[], token: string) => {
      const [connectionId = ''] = token.split('.', 1);
      return records.length === 0 ? [] : [...records, ...(members?.recordsOf(connectionId) ?? [])];
    };
    const refreshToken = presented('refresh_token', 'refresh_token');
    if (refreshToken !== undefined) return withMember(lines.recordsOf(refreshToken), refreshToken);
    const code = presented('code', 'authorization_code');
    if (code !== undefined) return withMember(codes.recordsOf(code), code);
    const approved: unknown = Provider.ctx?.oidc.result?.consent?.grantId;
    return typeof approved === 'string' ? [this.parts.names.connection(approved)] : [];
  }

  /** What people approved ends first, while the client can come back with its token if this fails; and what came in between. */
  override async destroy(id: string): Promise<void> {
    if (this.#parts.configured.has(id))
      throw new errors.InvalidRequest('a configured client is the operator’s to remove');
    const { connections, registrations } = this.#parts;
    await connections.endOfClient(id);
    await registrations.remove(id);
    forgetStored(this.nameOf(id));
    await connections.endOfClient(id);
  }

  override async consume(): Promise<void> {
    throw new TypeError('a client is not used up');
  }
}

/** Whether this request is at an endpoint where clients authenticate, and carries no secret and no assertion. */
function comesWithoutSecret(): boolean {
  const { ctx } = Provider;
  const { route, params } = ctx?.oidc ?? {};
  if (!ctx || !clientRoutes.has(route ?? '')) return false;
  return !ctx.get('Authorization') && !params?.client_secret && !params?.client_assertion;
}

/**
 * oidc-provider 9.13 asks its adapter before it thinks of documents, so a document is read, and kept, as ours. Where it fails
 * the provider asks once more, to tell the error: a document that failed is not kept, and its host is asked once a request.
 */
async function findOnWeb(id: string, find: (request: ClientRequest) => Promise<object>): Promise<AdapterPayload> {
  const { ctx } = Provider;
  const known = failure.get();
  if (known?.id === id) throw known.error;
  const request = {
    signs: ctx?.oidc?.params?.client_assertion !== undefined,
    route: ctx?.oidc?.route,
    retryAfter: (seconds: number) => ctx?.set('Retry-After', String(seconds)),
  };
  try {
    return (await find(request)) as AdapterPayload;
  } catch (error) {
    failure.set({ id, error });
    throw error;
  }
}

const failure = perRequest<{ readonly id: string; readonly error: unknown }>();
