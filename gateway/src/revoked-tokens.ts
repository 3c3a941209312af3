import { ChangedPolicies } from './changed-policies.ts';
import { isOutdated, type RetainedChanges, withChange, withoutForgotten } from './connection-changes.ts';
import type { Identity } from './identity.ts';
import { type EndedMembership, maxClockSkewSeconds, type Revocation } from './vocabulary/index.ts';

type Timed<Entry> = Entry & { readonly at: number; readonly until: number };

/** The parts of an identity that are looked at. */
type RevocableToken = Pick<
  Identity,
  'tokenId' | 'connectionId' | 'accountId' | 'organizationId' | 'organizationRole' | 'scopes' | 'issuedAt'
> &
  Partial<Pick<Identity, 'clientId' | 'claims'>>;

/** An entry is kept for so long after its `until`: a gateway that tolerates as much would accept its tokens again. */
const retentionSeconds = maxClockSkewSeconds;
const FORGET_EVERY_MS = 60_000;
const EVERY_ORGANIZATION = '*';

/** Grows with revocations, shrinks with time, and is asked with every request: a few look-ups. Nothing is taken back. */
export class RevokedTokens {
  /** By their `until`, as the next ones. */
  readonly #connections = new Map<string, number>();
  readonly #tokens = new Map<string, number>();
  readonly #memberships = new Map<string, { at: number; until: number }>();
  /** The role of a membership since its last change: a token of before that says another one is refused. */
  readonly #roles = new Map<string, { at: number; until: number; role: string }>();
  /** Bounded for each connection. */
  readonly #changes = new Map<string, RetainedChanges>();
  readonly #policies = new ChangedPolicies();
  readonly #now: () => number;
  #forgetAtMs = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get size(): number {
    const changes = [...this.#changes.values()].flat();
    const maps = [this.#connections, this.#tokens, this.#memberships, this.#roles, this.#policies];
    return maps.reduce((sum, { size }) => sum + size, changes.length);
  }

  add(entries: readonly Revocation[]): void {
    for (const entry of entries) this.#add(entry);
  }

  includes(token: RevocableToken): boolean {
    if (this.#connections.has(token.connectionId) || this.#tokens.has(token.tokenId)) return true;
    return (
      this.#isOfEndedMembership(token) ||
      this.#saysFormerRole(token) ||
      isOutdated(this.#changes.get(token.connectionId) ?? [], token) ||
      this.#policies.refuses(token)
    );
  }

  /** At most once a minute, because it looks at everything. */
  forgetExpired(): void {
    const now = this.#now();
    if (now < this.#forgetAtMs) return;
    this.#forgetAtMs = now + FORGET_EVERY_MS;
    const oldest = now / 1000 - retentionSeconds;
    forget(this.#connections, (until) => until < oldest);
    forget(this.#tokens, (until) => until < oldest);
    forget(this.#memberships, ({ until }) => until < oldest);
    forget(this.#roles, ({ until }) => until < oldest);
    this.#policies.forgetBefore(oldest);
    for (const [id, retained] of this.#changes) this.#changes.set(id, withoutForgotten(retained, oldest));
    forget(this.#changes, (retained) => retained.length === 0);
  }

  #isOfEndedMembership({ accountId, organizationId, issuedAt }: RevocableToken): boolean {
    if (this.#memberships.size === 0) return false;
    return [organizationId, EVERY_ORGANIZATION].some((organization) => {
      // Only what was issued before: whoever is a member again gets tokens that count.
      return issuedAt < (this.#memberships.get(membership(accountId, organization))?.at ?? 0);
    });
  }

  #saysFormerRole({ accountId, organizationId, organizationRole, issuedAt }: RevocableToken): boolean {
    const known = this.#roles.size > 0 ? this.#roles.get(membership(accountId, organizationId)) : undefined;
    return known !== undefined && issuedAt < known.at && organizationRole !== known.role;
  }

  #add(entry: Revocation): void {
    if (entry.kind === 'connection') keepLater(this.#connections, entry.id, entry.until);
    if (entry.kind === 'token') keepLater(this.#tokens, entry.id, entry.until);
    if (entry.kind === 'membership' && entry.role === undefined) this.#addMembership(entry);
    else if (entry.kind === 'membership') this.#addRole(entry);
    if (entry.kind === 'change') this.#changes.set(entry.id, withChange(this.#changes.get(entry.id) ?? [], entry));
    if (entry.kind === 'policy') this.#policies.add(entry);
  }

  #addMembership(entry: Timed<EndedMembership>): void {
    const id = membership(entry.accountId, entry.organizationId);
    const { at = 0, until = 0 } = this.#memberships.get(id) ?? {};
    this.#memberships.set(id, { at: Math.max(at, entry.at), until: Math.max(until, entry.until) });
  }

  /** The newest says the role; an entry that comes again, or out of its order, changes nothing. */
  #addRole({ accountId, organizationId, at, until, role = '' }: Timed<EndedMembership>): void {
    const id = membership(accountId, organizationId);
    const known = this.#roles.get(id);
    if (known && known.at > at) return;
    this.#roles.set(id, { at, until: Math.max(until, known?.until ?? 0), role });
  }
}

function forget<V>(entries: Map<string, V>, isOver: (value: V) => boolean): void {
  for (const [id, value] of entries) if (isOver(value)) entries.delete(id);
}

/** The later of two: an entry that comes again, or out of its order, shortens nothing. */
function keepLater(ends: Map<string, number>, id: string, until: number): void {
  ends.set(id, Math.max(until, ends.get(id) ?? 0));
}

function membership(accountId: string, organizationId: string): string {
  return `${accountId}\n${organizationId}`;
}
