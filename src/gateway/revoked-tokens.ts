import { type Change, type HeldChanges, isOutdated, withChange, withoutForgotten } from './connection-changes.ts';
import type { Identity } from './identity.ts';

/** One entry of the feed. Times are seconds since the epoch; after `until` no token that it is about is valid anyway. */
export type Revocation = (EndedById | EndedMembership | ConnectionChange) & {
  readonly at: number;
  readonly until: number;
  readonly reason?: string;
};

/** Every token of this connection, or this one token. */
interface EndedById {
  readonly kind: 'connection' | 'token';
  readonly id: string;
}

/** What was issued to this account for this organization, or for any with `*`, before `at`. */
interface EndedMembership {
  readonly kind: 'membership';
  readonly accountId: string;
  readonly organizationId: string;
}

/** The connection goes on for this organization, with these scopes: what was issued until `at` and says otherwise ends. */
interface ConnectionChange extends Change {
  readonly kind: 'change';
  readonly id: string;
}

type Timed<Entry> = Entry & { readonly at: number; readonly until: number };

/** What of an identity decides. */
export type RevocableToken = Pick<
  Identity,
  'tokenId' | 'connectionId' | 'accountId' | 'organizationId' | 'scopes' | 'issuedAt'
>;

/** The most that `clockToleranceSeconds` may be: tokens that expired this long ago are still refused. */
export const LINGER_SECONDS = 300;
const FORGET_EVERY_MS = 60_000;
const EVERY_ORGANIZATION = '*';

/** Grows with revocations, shrinks with time, and is asked with every request: a few look-ups. Nothing is taken back. */
export class RevokedTokens {
  /** By their `until`, as the next ones. */
  readonly #connections = new Map<string, number>();
  readonly #tokens = new Map<string, number>();
  readonly #memberships = new Map<string, { at: number; until: number }>();
  /** Bounded for each connection. */
  readonly #changes = new Map<string, HeldChanges>();
  #forgetAtMs = 0;

  get size(): number {
    const changes = [...this.#changes.values()].flat();
    return this.#connections.size + this.#tokens.size + this.#memberships.size + changes.length;
  }

  add(entries: readonly Revocation[]): void {
    for (const entry of entries) this.#add(entry);
  }

  includes(token: RevocableToken): boolean {
    if (this.#connections.has(token.connectionId) || this.#tokens.has(token.tokenId)) return true;
    return this.#isOfEndedMembership(token) || isOutdated(this.#changes.get(token.connectionId) ?? [], token);
  }

  /** At most once a minute, because it looks at everything. */
  forgetExpired(): void {
    if (Date.now() < this.#forgetAtMs) return;
    this.#forgetAtMs = Date.now() + FORGET_EVERY_MS;
    const oldest = Date.now() / 1000 - LINGER_SECONDS;
    forget(this.#connections, (until) => until < oldest);
    forget(this.#tokens, (until) => until < oldest);
    forget(this.#memberships, ({ until }) => until < oldest);
    for (const [id, held] of this.#changes) this.#changes.set(id, withoutForgotten(held, oldest));
    forget(this.#changes, (held) => held.length === 0);
  }

  #isOfEndedMembership({ accountId, organizationId, issuedAt }: RevocableToken): boolean {
    if (this.#memberships.size === 0) return false;
    return [organizationId, EVERY_ORGANIZATION].some((organization) => {
      // Only what was issued before: whoever is a member again gets tokens that count.
      return issuedAt < (this.#memberships.get(membership(accountId, organization))?.at ?? 0);
    });
  }

  #add(entry: Revocation): void {
    if (entry.kind === 'connection') keepLater(this.#connections, entry.id, entry.until);
    if (entry.kind === 'token') keepLater(this.#tokens, entry.id, entry.until);
    if (entry.kind === 'membership') this.#addMembership(entry);
    if (entry.kind === 'change') this.#changes.set(entry.id, withChange(this.#changes.get(entry.id) ?? [], entry));
  }

  #addMembership(entry: Timed<EndedMembership>): void {
    const id = membership(entry.accountId, entry.organizationId);
    const { at = 0, until = 0 } = this.#memberships.get(id) ?? {};
    this.#memberships.set(id, { at: Math.max(at, entry.at), until: Math.max(until, entry.until) });
  }
}

function forget<V>(held: Map<string, V>, isOver: (value: V) => boolean): void {
  for (const [id, value] of held) if (isOver(value)) held.delete(id);
}

/** The later of two: an entry that comes again, or out of its order, shortens nothing. */
function keepLater(ends: Map<string, number>, id: string, until: number): void {
  ends.set(id, Math.max(until, ends.get(id) ?? 0));
}

function membership(accountId: string, organizationId: string): string {
  return `${accountId}\n${organizationId}`;
}
