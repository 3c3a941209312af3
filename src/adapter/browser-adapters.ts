import { type AdapterPayload, Provider } from 'oidc-provider';
import { createNewest, keepMeanwhile, type Newest } from '../storage/index.ts';
import { ModelAdapter, type ModelParts } from './model-adapter.ts';
import { deserialize } from './payloads.ts';

/**
 * Of a browser: nothing in a flow asks what became of a write, only the next request what was written. So a request goes on
 * meanwhile, and is answered when all is kept.
 */
class BrowserAdapter extends ModelAdapter {
  override async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    this.parts.reads.forget([this.nameOf(id)]);
    await keepMeanwhile(this.keep(id, payload, expiresIn));
  }

  protected keep(id: string, payload: AdapterPayload, expiresIn?: number): Promise<unknown> {
    return super.upsert(id, payload, expiresIn);
  }

  override async destroy(id: string): Promise<void> {
    this.parts.reads.forget([this.nameOf(id)]);
    const gone = super.destroy(id);
    // Whoever signs out is told so, and the log, when it is true.
    await (goesOn() ? keepMeanwhile(gone) : gone);
  }
}

/** In a flow a session gets another identifier, and a step ends, at each turn. */
const goesOn = () => ['authorization', 'resume'].includes(Provider.ctx?.oidc.route ?? '');

export class InteractionAdapter extends BrowserAdapter {
  /** Whoever follows a link begins one; it is noted when it begins, and where somebody is signed in it stays. */
  protected override async keep(id: string, payload: AdapterPayload, expiresIn = 0): Promise<void> {
    const { session, result, lastSubmission } = payload;
    this.parts.flows.note(id, payload);
    const isBegun = !session?.accountId && result === undefined && lastSubmission === undefined;
    await Promise.all([super.keep(id, payload, expiresIn), isBegun && this.#note(id, payload, expiresIn)]);
  }

  override async find(uid: string): Promise<AdapterPayload | undefined> {
    const payload = await super.find(uid);
    if (payload) this.parts.flows.note(uid, payload);
    return payload;
  }

  /** The next thing that a flow needs is its client. */
  protected override readNext(uid: string): readonly string[] {
    return this.parts.flows.recordsOf(uid);
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

  /** Not atomic, and safe halfway: an index without its record finds nothing. */
  protected override async keep(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { store, names } = this.parts;
    const name = this.nameOf(id);
    const byUid = payload.uid && names.sessionByUid(payload.uid);
    const ttl = payload.accountId ? expiresIn : Math.min(expiresIn ?? nobodysSeconds, nobodysSeconds);
    const index = byUid && store.write(byUid, JSON.stringify({ key: name }), ttl);
    await Promise.all([super.keep(id, payload, ttl), index]);
    if (!payload.accountId) await this.#makeRoom([name, ...(byUid ? [byUid] : [])]);
  }

  /** oidc-provider 9.13 keeps a session for whoever opens its sign-out page. Who signs in gets another: these stay nobody's. */
  async #makeRoom(names: readonly string[]): Promise<void> {
    const oldest = await this.#nobodys.add(JSON.stringify(names), nobodysSeconds);
    const pushedOut =
      oldest === undefined ? [] : (JSON.parse(oldest) as string[]).filter((name) => !names.includes(name));
    if (pushedOut.length > 0) await this.parts.store.discard(pushedOut);
  }

  override async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const { store, names } = this.parts;
    const index = await store.read(names.sessionByUid(uid));
    const record = index && (await store.read(JSON.parse(index.value).key));
    return record && deserialize(record, undefined);
  }
}
