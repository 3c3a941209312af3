/** What a connection says since `at`: one entry of the feed. Times are seconds since the epoch. */
export interface Change {
  readonly organizationId: string;
  readonly scopes: readonly string[];
  readonly at: number;
  readonly until: number;
}

/** What of a token decides. */
interface ChangedToken {
  readonly organizationId: string;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
}

interface HeldChange {
  readonly at: number;
  readonly until: number;
  /** What a token that was issued until `at` may say; nothing it says will do where this is absent. */
  readonly target?: { readonly organizationId: string; readonly scopes: ReadonlySet<string> };
}

/** The changes of one connection that can still matter, in the order of their `at`. */
export type HeldChanges = readonly HeldChange[];

/**
 * A person who moves a connection to and fro has a handful of these within the life of a token. Whoever makes thousands
 * must not cost every gateway memory, and time with each request.
 */
const MOST_HELD = 8;

/** The changes with one more: the same refusals while they are few, and never fewer refusals. */
export function withChange(held: HeldChanges, { organizationId, scopes, at, until }: Change): HeldChanges {
  const added: HeldChange = { at, until, target: { organizationId, scopes: new Set(scopes) } };
  const covering = held.find((each) => covers(each, added));
  const kept = covering ?? added;
  const others = held.filter((each) => each !== covering && !covers(kept, each));
  const replaced = held.filter((each) => !others.includes(each));
  // The last `until` of those that it stands for: an entry that comes again, or out of its order, shortens nothing.
  const merged = { ...kept, until: Math.max(until, ...replaced.map((each) => each.until)) };
  return sumUp([...others, merged].toSorted((one, other) => one.at - other.at));
}

export function withoutForgotten(held: HeldChanges, oldest: number): HeldChanges {
  return held.filter(({ until }) => until >= oldest);
}

/** Every change, not only the last: what the first one ended must not come back with the second. */
export function isOutdated(held: HeldChanges, token: ChangedToken): boolean {
  return held.some(({ at, target }) => token.issuedAt <= at && !saysTheSame(token, target));
}

/**
 * Beyond the number, the oldest two become one that refuses everything that was issued until then. What is refused by
 * that and by neither of them was true when it was issued: its tool renews it, and the person notices nothing.
 */
function sumUp(held: HeldChanges): HeldChanges {
  const [first, second, ...rest] = held;
  if (held.length <= MOST_HELD || !first || !second) return held;
  return [{ at: second.at, until: Math.max(first.until, second.until) }, ...rest];
}

/** Whether the one refuses every token that the other refuses. */
function covers(one: HeldChange, other: HeldChange): boolean {
  if (one.at < other.at) return false;
  if (one.target === undefined) return true;
  // What is no more than the other allows leaves nothing that the other alone refuses.
  return saysTheSame({ ...one.target, scopes: [...one.target.scopes] }, other.target);
}

function saysTheSame(
  { organizationId, scopes }: Omit<ChangedToken, 'issuedAt'>,
  target: HeldChange['target'],
): boolean {
  return organizationId === target?.organizationId && scopes.every((scope) => target.scopes.has(scope));
}
