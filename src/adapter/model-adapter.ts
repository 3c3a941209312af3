import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { Connections, RevocationReason } from '../connections/index.ts';
import { createNonce } from '../random-bytes.ts';
import {
  createNewest,
  type Newest,
  type RecordNames,
  type Store,
  type StoredRecord,
  type Unfinished,
} from '../storage/index.ts';
import { deserialize, serialize } from './payloads.ts';
import type { Registrations } from './registrations.ts';
import type { RequestReads } from './request-reads.ts';

export interface ModelParts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly connections: Pick<Connections, 'end'>;
  readonly registrations: Registrations;
  readonly reads: RequestReads;
  readonly unfinished: Unfinished;
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
    const [read] = await this.parts.reads.read([this.nameOf(id)], this.readNext());
    const record = read ?? (await this.#findFormer(id));
    return record && deserialize(record, id);
  }

  /** Names of records that this request is going to read, known already: one step reads them all. */
  protected readNext(): readonly string[] {
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

  /** Exactly one caller takes it; the others get `invalid_grant` (RFC 6749 §4.1.2, decision 5). */
  async consume(id: string): Promise<void> {
    const nonce = createNonce();
    const result = await this.parts.store.take({ record: this.nameOf(id), nonce });
    if (result !== 'taken') throw new errors.InvalidGrant(result === 'gone' ? 'it is gone' : 'it was taken before');
  }

  async destroy(id: string): Promise<void> {
    await this.parts.store.remove([this.nameOf(id), ...this.formerNamesOf(id)]);
  }

  /** oidc-provider ends a grant part by part and in parallel: each of them is the end of the connection. */
  async revokeByGrantId(grantId: string): Promise<void> {
    await this.parts.connections.end(grantId, reasonOfRequest());
  }
}

export class InteractionAdapter extends ModelAdapter {
  /** Whoever follows a link begins one; it is noted when it begins, and where somebody is signed in it stays. */
  override async upsert(id: string, payload: AdapterPayload, expiresIn = 0): Promise<void> {
    const { session, result, lastSubmission } = payload;
    const isBegun = !session?.accountId && result === undefined && lastSubmission === undefined;
    await Promise.all([super.upsert(id, payload, expiresIn), isBegun && this.#note(id, payload, expiresIn)]);
  }

  #note(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const record = { name: this.nameOf(id), bytes: JSON.stringify(payload).length };
    return this.parts.unfinished.note(record, expiresIn);
  }
}

/** Of a session in which nobody is signed in: as long as somebody may look at a sign-out page. */
const nobodysSeconds = 3600;
const nobodysSessions = 1000;

/** Found by its uid too: for reading only, the identifier is not kept, so the payload comes without one. */
export class SessionAdapter extends ModelAdapter {
  readonly #nobodys: Newest;

  constructor(model: string, parts: ModelParts) {
    super(model, parts);
    const { store, names } = parts;
    this.#nobodys = createNewest({
      store,
      counter: names.nobodysSessionCount(),
      place: names.nobodysSession,
      places: nobodysSessions,
    });
  }

  /** Not atomic, and safe halfway: an index without its record finds nothing. */
  override async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { store, names } = this.parts;
    const name = this.nameOf(id);
    const byUid = payload.uid && names.sessionByUid(payload.uid);
    const ttl = payload.accountId ? expiresIn : Math.min(expiresIn ?? nobodysSeconds, nobodysSeconds);
    const index = byUid && store.write(byUid, JSON.stringify({ key: name }), ttl);
    await Promise.all([super.upsert(id, payload, ttl), index]);
    if (!payload.accountId) await this.#makeRoom([name, ...(byUid ? [byUid] : [])]);
  }

  /** oidc-provider 9.13 keeps a session for whoever opens its sign-out page. Who signs in gets another: these stay nobody's. */
  async #makeRoom(names: readonly string[]): Promise<void> {
    const oldest = await this.#nobodys.add(JSON.stringify(names), nobodysSeconds);
    const pushedOut =
      oldest === undefined ? [] : (JSON.parse(oldest) as string[]).filter((name) => !names.includes(name));
    if (pushedOut.length > 0) await this.parts.store.remove(pushedOut);
  }

  /** A flow goes on with the session, then with the interaction that its path names, and its cookie has to. */
  protected override readNext(): readonly string[] {
    const { ctx } = Provider;
    const uid: unknown = ctx?.oidc.route === 'resume' ? (ctx.params as { uid?: unknown } | undefined)?.uid : undefined;
    return typeof uid === 'string' ? [this.parts.names.model('Interaction', uid)] : [];
  }

  override async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const { store, names } = this.parts;
    const index = await store.read(names.sessionByUid(uid));
    const record = index && (await store.read(JSON.parse(index.value).key));
    return record && deserialize(record, undefined);
  }
}

export class RegistrationTokenAdapter extends ModelAdapter {
  override async upsert(id: string, payload: AdapterPayload): Promise<void> {
    await this.parts.registrations.keepToken(this.nameOf(id), serialize(this.model, payload), payload.clientId);
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
