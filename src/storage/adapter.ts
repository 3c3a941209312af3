import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import { type AdapterOptions, type SharedOptions, share } from './adapter-options.ts';
import { boundToGrant, conceal, reveal } from './artefacts.ts';
import { perRequest } from './per-request.ts';
import { keysAskedNext, keysOfGrant } from './read-ahead.ts';
import { grantOfRefreshToken } from './refresh-token-value.ts';
import { Registrations } from './registrations.ts';
import type { StoredRecord } from './store.ts';

/** What a refresh begins with. */
export interface RefreshTokenWithGrant {
  readonly token: AdapterPayload;
  /** Nothing when it has ended, or begun to. */
  readonly grant: AdapterPayload | undefined;
  /** As `connections` wrote it. */
  readonly connection: unknown;
}

/** oidc-provider's `adapter` option: its storage interface over our `Store`. */
export function createAdapter(options: AdapterOptions): (model: string) => StoreAdapter {
  const shared = share(options);
  return (model) => new StoreAdapter(model, shared);
}

export class StoreAdapter implements Adapter {
  readonly #model: string;
  readonly #options: SharedOptions;
  readonly #registrations: Registrations;
  /** What a request presented, so that taking it needs no second read. */
  readonly #presented = perRequest<AdapterPayload>();

  constructor(model: string, options: SharedOptions) {
    this.#model = model;
    this.#options = options;
    this.#registrations = new Registrations(options.store, options.keys, options.registrationLifetimes);
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { keys, secrecy } = this.#options;
    const key = keys.artefact(this.#model, id);
    const write = this.#write(key, conceal(this.#model, payload, secrecy), payload, expiresIn);
    await Promise.all([write, ...this.#index(id, key, payload, expiresIn)]);
  }

  #write(key: string, value: string, { clientId, grantId }: AdapterPayload, expiresIn?: number): Promise<unknown> {
    const { store, refreshTokens } = this.#options;
    if (this.#model === 'Client') return this.#registrations.keepClient(key, value);
    if (this.#model === 'RegistrationAccessToken') return this.#registrations.keepToken(key, value, clientId);
    if (this.#model === 'ReplayDetection') return this.#noteOnce(key, value, expiresIn);
    if (this.#model === 'RefreshToken') return refreshTokens.keep(key, value, grantId, expiresIn ?? 0);
    return store.write(key, value, expiresIn);
  }

  /** oidc-provider 9.13 asks and then writes; of two parallel uses of one client assertion both would pass (RFC 7523 §3). */
  async #noteOnce(key: string, value: string, expiresIn?: number) {
    if (await this.#options.store.writeIfAbsent(key, value, expiresIn)) return;
    throw new errors.InvalidClientAuth('the assertion was used by another request');
  }

  /** Not atomic with the record, and safe halfway: an index without its record finds nothing, a record without its grant is refused. */
  *#index(id: string, key: string, { grantId, clientId, uid, userCode }: AdapterPayload, expiresIn?: number) {
    const { store, keys } = this.#options;
    const ttl = expiresIn ?? 0;
    if (this.#model === 'Session' && uid) {
      yield store.write(keys.sessionByUid(uid), JSON.stringify({ key }), expiresIn);
    }
    if (userCode) yield store.write(keys.deviceByUserCode(userCode), JSON.stringify({ id }), expiresIn);
    if (this.#model === 'Grant') yield this.#registrations.use(clientId);
    if (this.#model === 'RefreshToken') yield this.#renewRegistration(clientId);
    else if (grantId && boundToGrant.has(this.#model)) yield store.addMember(keys.artefactsOfGrant(grantId), key, ttl);
  }

  #renewRegistration(clientId: string | undefined) {
    return this.#registrations.renew(clientId, this.#presented.get()?.iat);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    this.#options.whenAsked?.(this.#model);
    const payload = await this.#find(id);
    if (payload && Provider.ctx) {
      if (boundToGrant.has(this.#model)) this.#presented.set(payload);
      this.#options.whenPresented?.(this.#model, payload);
    }
    return payload;
  }

  async #find(id: string): Promise<AdapterPayload | undefined> {
    const { keys, ahead } = this.#options;
    if (this.#model === 'Grant') return this.#findGrant(id);
    const [record] = await ahead.read([keys.artefact(this.#model, id)], keysAskedNext(this.#model, id, keys));
    return this.#model === 'RefreshToken' ? this.#revealLastTaken(record, id) : this.#reveal(record, id);
  }

  async #revealLastTaken(record: StoredRecord | undefined, id: string): Promise<AdapterPayload | undefined> {
    const last = record && (await this.#options.refreshTokens.findLastTaken(id, record));
    return last && this.#reveal(last.record, last.id);
  }

  /** With the connection that it is, as a member that oidc-provider does not take over. */
  async #findGrant(id: string): Promise<AdapterPayload | undefined> {
    const { keys, ahead } = this.#options;
    const [grant, connection] = await ahead.read([keys.grant(id), keys.connection(id)]);
    const payload = this.#revealGrant(grant, id);
    return payload && connection ? Object.assign(payload, { connection: JSON.parse(connection.value) }) : payload;
  }

  /** An end that has begun is an end. */
  #revealGrant(grant: StoredRecord | undefined, id: string | undefined): AdapterPayload | undefined {
    if (!grant || grant.takenAt !== undefined) return undefined;
    return reveal('Grant', grant.value, id, this.#options.secrecy);
  }

  /** For reading only: the identifier of the session is not kept, so the payload comes without one. */
  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const { store, keys } = this.#options;
    const index = await store.read(keys.sessionByUid(uid));
    return index && this.#reveal(await store.read(JSON.parse(index.value).key), undefined);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    const { store, keys } = this.#options;
    const index = await store.read(keys.deviceByUserCode(userCode));
    return index && this.find(JSON.parse(index.value).id);
  }

  #reveal(record: StoredRecord | undefined, id: string | undefined): AdapterPayload | undefined {
    if (!record) return undefined;
    const payload = reveal(this.#model, record.value, id, this.#options.secrecy);
    if (record.takenAt === undefined || this.#isForgiven(record.takenAt)) return payload;
    const isOnlyRefused = this.#model === 'RefreshToken' && this.#options.refreshTokenReuse === 'refuse';
    return isOnlyRefused ? undefined : { ...payload, consumed: record.takenAt };
  }

  #isForgiven(takenAt: number) {
    return this.#model === 'RefreshToken' && this.#options.refreshTokens.isWithinGrace(takenAt);
  }

  /** Exactly one caller takes a code; the others get `invalid_grant` (RFC 6749 §4.1.2, decision 5). */
  async consume(id: string): Promise<void> {
    const { keys, beforeTaking, refreshTokens, endings } = this.#options;
    const payload = this.#presented.get() ?? (await this.find(id));
    if (payload) await beforeTaking?.(payload);
    const key = keys.artefact(this.#model, id);
    if (this.#model !== 'RefreshToken') return endings.takeCode(key, payload?.grantId);
    const rotates = Provider.ctx?.oidc.route === 'token' && grantOfRefreshToken(id) !== undefined;
    await refreshTokens.take(key, rotates);
  }

  /** A refresh token together with the grant that it stems from and the connection which that is, for a grant of one's own. */
  async findWithGrant(id: string): Promise<RefreshTokenWithGrant | undefined> {
    const { keys, ahead } = this.#options;
    const found = await ahead.read([keys.artefact('RefreshToken', id), ...keysOfGrant(id, keys)]);
    const [record, grant, connection] = found;
    const token = await this.#revealLastTaken(record, id);
    return (
      token && {
        token,
        grant: this.#revealGrant(grant, token.grantId),
        connection: connection && JSON.parse(connection.value),
      }
    );
  }

  /** What oidc-provider does in two calls, in one, for a grant of one's own: see `RefreshTokens`. */
  async replace(presented: AdapterPayload, payload: AdapterPayload, expiresIn: number): Promise<string> {
    const successor = await this.#options.refreshTokens.replace(presented, payload, expiresIn);
    await this.#registrations.renew(payload.clientId, presented.iat);
    return successor;
  }

  async destroy(id: string): Promise<void> {
    const { store, endings } = this.#options;
    if (this.#model === 'Grant') {
      await endings.end(id);
      return;
    }
    const grantId = this.#grantOfPresented();
    if (grantId) await endings.announce(grantId);
    await store.remove(this.#keysOf(id));
  }

  #keysOf(id: string): string[] {
    const { keys } = this.#options;
    if (this.#model === 'Client') return this.#registrations.keysOf(id);
    return [keys.artefact(this.#model, id)];
  }

  /** oidc-provider destroys a refresh token only when its grant ends too, and begins with the token. */
  #grantOfPresented(): string | undefined {
    return this.#model === 'RefreshToken' ? this.#presented.get()?.grantId : undefined;
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    const { endings } = this.#options;
    await endings.announce(grantId);
    await endings.endArtefacts(grantId);
  }
}
