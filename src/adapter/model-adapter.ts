import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { Connections, RevocationReason } from '../connections/index.ts';
import { createNonce } from '../random-bytes.ts';
import {
  allKept,
  keepMeanwhile,
  type RecordNames,
  type RequestReads,
  type Store,
  type StoredRecord,
  type Unfinished,
} from '../storage/index.ts';
import type { Flows, KnownSessions } from './flows.ts';
import { deserialize, serialize } from './payloads.ts';
import type { Registrations } from './registrations.ts';

export interface ModelParts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly connections: Pick<Connections, 'end'>;
  readonly registrations: Registrations;
  readonly reads: RequestReads;
  readonly unfinished: Unfinished;
  readonly flows: Flows;
  readonly knownSessions: KnownSessions;
}

/** A model of oidc-provider as one record, under the keyed hash of its identifier. */
export class ModelAdapter implements Adapter {
  protected readonly model: string;
  protected readonly parts: ModelParts;

  constructor(model: string, parts: ModelParts) {
    this.model = model;
    this.parts = parts;
  }

  protected nameOf(id: string): string {
    return this.parts.names.model(this.model, id);
  }

  /** Under secrets of before: `STORE_SECRET` may have been changed while the record lives. */
  protected formerNamesOf(id: string): string[] {
    return this.parts.names.former.map((names) => names.model(this.model, id));
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    await this.parts.store.write(this.nameOf(id), serialize(this.model, payload), expiresIn);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const record = await this.findRecord(id);
    return record && deserialize(record, id);
  }

  protected async findRecord(id: string): Promise<StoredRecord | undefined> {
    const [record] = await this.parts.reads.read([this.nameOf(id)], this.readNext(id));
    return record ?? this.#findFormer(id);
  }

  /** Names of records that this request is going to read, known already: one step reads them all. */
  protected readNext(_id: string): readonly string[] {
    return [];
  }

  async #findFormer(id: string): Promise<StoredRecord | undefined> {
    const names = this.formerNamesOf(id);
    return names.length === 0 ? undefined : (await this.parts.store.readMany(names)).find((record) => record);
  }

  async findByUid(_uid: string): Promise<AdapterPayload | undefined> {
    return undefined;
  }

  /** The device flow is switched off. */
  async findByUserCode(_userCode: string): Promise<AdapterPayload | undefined> {
    return undefined;
  }

  /** Exactly one caller takes it; the others get `invalid_grant` (RFC 6749 §4.1.2). */
  async consume(id: string): Promise<void> {
    const nonce = createNonce();
    const result = await this.parts.store.take({ record: this.nameOf(id), nonce });
    if (result !== 'taken') throw new errors.InvalidGrant(result === 'gone' ? 'it is gone' : 'it was taken before');
  }

  async destroy(id: string): Promise<void> {
    await this.parts.store.discard([this.nameOf(id), ...this.formerNamesOf(id)]);
  }

  /** oidc-provider ends a grant part by part and in parallel: each of them is the end of the connection. */
  async revokeByGrantId(grantId: string): Promise<void> {
    await this.parts.connections.end(grantId, reasonOfRequest());
  }
}

export class RegistrationTokenAdapter extends ModelAdapter {
  override async upsert(id: string, payload: AdapterPayload): Promise<void> {
    const { registrations } = this.parts;
    await keepMeanwhile(registrations.keepToken(this.nameOf(id), serialize(this.model, payload), payload.clientId));
    // Together with the client: oidc-provider says next that it is registered.
    await allKept();
  }
}

/** An assertion that could be used for longer is refused before. */
export const maxAssertionSeconds = 600;

export class ReplayAdapter extends ModelAdapter {
  /** oidc-provider 9.13 asks and then writes; of two parallel uses of one client assertion both would pass (RFC 7523 §3). */
  override async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const ttl = Math.min(expiresIn ?? maxAssertionSeconds, maxAssertionSeconds);
    const isFirst = await this.parts.store.writeIfAbsent(this.nameOf(id), serialize(this.model, payload), ttl);
    if (!isFirst) throw new errors.InvalidClientAuth('the assertion was used by another request');
  }
}

/** Why oidc-provider ends a grant by itself, as the request within which it does tells. */
export function reasonOfRequest(): RevocationReason {
  return Provider.ctx?.oidc.route?.startsWith('end_session') ? 'signed out' : 'ended by the tool';
}
