import type { Keys } from './keys.ts';
import type { Store } from './store.ts';

/** Seconds. */
export interface RegistrationLifetimes {
  /** From the registration on, until somebody approves the client. */
  readonly unused: number;
  /** From an approval or a renewal on. */
  readonly used: number;
}

const day = 24 * 60 * 60;
/** Whoever fetches documents decides how old one may be that stands in; this is as long. */
const documentStaysFor = 30 * day;

/**
 * How long a registered client is known. Most registrations are never used (R86), so those go soon; a client that was
 * approved does not notice that it was forgotten, and some never register again (R31): it outlives everything it got.
 * The token with which it manages its registration lives as long as the client. Without lifetimes, both live for ever.
 */
export class Registrations {
  readonly #store: Store;
  readonly #keys: Keys;
  readonly #lifetimes: RegistrationLifetimes | undefined;

  constructor(store: Store, keys: Keys, lifetimes: RegistrationLifetimes | undefined) {
    this.#store = store;
    this.#keys = keys;
    this.#lifetimes = lifetimes;
  }

  /** A change of a registration (RFC 7592 §2.2) keeps the lifetime that it has earned. */
  async keepClient(key: string, value: string): Promise<void> {
    if (await this.#store.writeIfAbsent(key, value, this.#lifetimes?.unused)) return;
    const current = await this.#store.read(key);
    // Gone or changed meanwhile: then it is as new as this change, or the newer change is as good as this one was.
    if (current && (await this.#store.compareAndSet(key, current.value, value))) return;
    await this.keepClient(key, value);
  }

  async keepToken(key: string, value: string, clientId: string | undefined): Promise<void> {
    const { unused } = this.#lifetimes ?? {};
    const noted =
      unused !== undefined && clientId && this.#store.addMember(this.#keys.registrationTokens(clientId), key, unused);
    await Promise.all([this.#store.write(key, value, unused), noted]);
  }

  /** Somebody approved the client. */
  async use(clientId: string | undefined): Promise<void> {
    if (!this.#lifetimes || clientId === undefined) return;
    const used = this.#lifetimes.used + day;
    if (clientId.startsWith('https://')) return this.#useDocument(clientId, used);
    const index = this.#keys.registrationTokens(clientId);
    const tokens = await this.#store.members(index);
    await this.#store.extend([this.#keys.artefact('Client', clientId), index, ...tokens], used);
  }

  /** Described on the web: what was fetched of it may now stand in when its host fails (R76). */
  async #useDocument(clientId: string, used: number) {
    const document = this.#keys.clientDocument('metadata', clientId);
    const noted = this.#store.write(this.#keys.documentApproval(clientId), '{}', used);
    await Promise.all([noted, this.#store.extend([document], documentStaysFor)]);
  }

  /** It renewed: once a day is enough, because `use` gives a day more. */
  async renew(clientId: string | undefined, previousAt: number | undefined): Promise<void> {
    const today = Math.floor(Date.now() / 1000 / day);
    if (previousAt === undefined || Math.floor(previousAt / day) === today) return;
    await this.use(clientId);
  }

  /** What has to go with a client. */
  keysOf(clientId: string): string[] {
    return [this.#keys.artefact('Client', clientId), this.#keys.registrationTokens(clientId)];
  }
}
