import type { AdapterPayload } from 'oidc-provider';
import {
  createNewest,
  findHeld,
  holdLast,
  holdRemoval,
  holdWrite,
  type Newest,
  noteStored,
  type StoredRecord,
} from '../storage/index.ts';
import { ModelAdapter, type ModelParts } from './model-adapter.ts';
import { deserialize, serialize } from './payloads.ts';

interface BrowserRecord {
  readonly name: string;
  readonly value: string;
  readonly payload: AdapterPayload;
  readonly expiresIn: number | undefined;
}

/**
 * Of a browser: nothing in a flow asks what became of a write, only the next request what was written. In one that begins a
 * session and goes on with it, or ends a step and begins another, most of it is written once.
 */
class BrowserAdapter extends ModelAdapter {
  protected override async findRecord(id: string): Promise<StoredRecord | undefined> {
    const name = this.nameOf(id);
    const held = findHeld(name);
    if (held) return held.record;
    const record = await super.findRecord(id);
    if (record) noteStored(name, record);
    return record;
  }

  override async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const name = this.nameOf(id);
    this.parts.reads.forget([name]);
    const value = serialize(this.model, payload);
    await holdWrite(name, value, () => this.keep({ name, value, payload, expiresIn }));
  }

  protected keep({ name, value, expiresIn }: BrowserRecord): Promise<unknown> {
    return this.parts.store.write(name, value, expiresIn);
  }

  override async destroy(id: string): Promise<void> {
    const name = this.nameOf(id);
    this.parts.reads.forget([name]);
    await holdRemoval(name, () => super.destroy(id));
  }
}

export class InteractionAdapter extends BrowserAdapter {
  /** Whoever follows a link begins one; it is noted when it begins, and where somebody is signed in it stays. */
  protected override async keep(record: BrowserRecord): Promise<void> {
    const { name, value, payload, expiresIn = 0 } = record;
    const { session, result, lastSubmission } = payload;
    const isBegun = !session?.accountId && result === undefined && lastSubmission === undefined;
    const note = () => this.parts.unfinished.note({ name, bytes: value.length }, expiresIn);
    await Promise.all([super.keep(record), isBegun && note()]);
  }

  override async upsert(uid: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    this.parts.flows.note(uid, payload);
    await super.upsert(uid, payload, expiresIn);
  }

  override async find(uid: string): Promise<AdapterPayload | undefined> {
    const payload = await super.find(uid);
    if (payload) this.parts.flows.note(uid, payload);
    return payload;
  }

  /** The next thing that a page of the flow needs is its client, and who is signed in. */
  protected override readNext(uid: string): readonly string[] {
    return this.parts.flows.recordsOf(uid);
  }
}

/** Of a session in which nobody is signed in: as long as somebody may look at a sign-out page. */
const nobodysSeconds = 3600;
const nobodysSessions = 1000;

/** Found by its uid too: for reading only, the identifier is not kept, so the payload comes without one. */
export class SessionAdapter extends BrowserAdapter {
  readonly #nobodys: Newest;

  constructor(model: string, parts: ModelParts) {
    super(model, parts);
    const { store, names } = parts;
    this.#nobodys = createNewest({
      store,
      counter: names.nobodysSessionCount(),
      slot: names.nobodysSession,
      slots: nobodysSessions,
    });
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    const payload = await super.find(id);
    if (payload) this.parts.knownSessions.note(this.nameOf(id), payload);
    return payload;
  }

  /** The next thing that is asked of a session is whether it counts. */
  protected override readNext(id: string): readonly string[] {
    return this.parts.knownSessions.recordsOf(this.nameOf(id));
  }

  /** The index last: it finds the session of before for as long as this one is not kept. */
  override async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { store, names } = this.parts;
    const ttl = payload.accountId ? expiresIn : Math.min(expiresIn ?? nobodysSeconds, nobodysSeconds);
    await super.upsert(id, payload, ttl);
    this.parts.knownSessions.note(this.nameOf(id), payload);
    if (!payload.uid) return;
    const byUid = names.sessionByUid(payload.uid);
    await holdLast(byUid, () => store.write(byUid, JSON.stringify({ key: this.nameOf(id) }), ttl));
  }

  protected override async keep(record: BrowserRecord): Promise<void> {
    const { name, payload } = record;
    await super.keep(record);
    if (payload.accountId) return;
    await this.#makeRoom([name, ...(payload.uid ? [this.parts.names.sessionByUid(payload.uid)] : [])]);
  }

  /** oidc-provider 9.13 keeps a session for whoever opens its sign-out page. Who signs in gets another: these stay nobody's. */
  async #makeRoom(keys: readonly string[]): Promise<void> {
    const oldest = await this.#nobodys.add(JSON.stringify(keys), nobodysSeconds);
    const pushedOut =
      oldest === undefined ? [] : (JSON.parse(oldest.entry) as string[]).filter((key) => !keys.includes(key));
    if (pushedOut.length > 0) await this.parts.store.discard(pushedOut);
  }

  override async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const { store, names } = this.parts;
    const index = await store.read(names.sessionByUid(uid));
    const record = index && (await store.read(JSON.parse(index.value).key));
    return record && deserialize(record, undefined);
  }
}
