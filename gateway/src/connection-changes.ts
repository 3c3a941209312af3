import type { ChangedConnection, Revocation } from './vocabulary/index.ts';

type Change = Omit<ChangedConnection, 'kind' | 'id'> & Pick<Revocation, 'at' | 'until'>;

/** The parts of a token that are looked at. */
interface ChangedToken {
  readonly organizationId: string;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
}

interface RetainedChange {
  readonly at: number;
  readonly until: number;
  /** What a token that was issued until `at` may say; nothing it says will do where this is absent. */
  readonly target?: { readonly organizationId: string; readonly scopes: ReadonlySet<string> };
}

/** The changes of one connection that can still matter, in the order of their `at`. */
export type RetainedChanges = readonly RetainedChange[];

/**
 * A person who moves a connection to and fro has a handful of these within the life of a token. Whoever makes thousands
 * must not cost every gateway memory, and time with each request.
 */
const MOST_RETAINED = 8;

/** The changes with one more: the same refusals while they are few, and never fewer refusals. */
export function withChange(retained: RetainedChanges, { organizationId, scopes, at, until }: Change): RetainedChanges {
  const added: RetainedChange = { at, until, target: { organizationId, scopes: new Set(scopes) } };
  const subsuming = retained.find((each) => subsumes(each, added));
  const kept = subsuming ?? added;
  const others = retained.filter((each) => each !== subsuming && !subsumes(kept, each));
  const replaced = retained.filter((each) => !others.includes(each));
  // The last `until` of those that it stands for: an entry that comes again, or out of its order, shortens nothing.
  const merged = { ...kept, until: Math.max(until, ...replaced.map((each) => each.until)) };
  return compact([...others, merged].toSorted((one, other) => one.at - other.at));
}

export function withoutForgotten(retained: RetainedChanges, oldest: number): RetainedChanges {
  return retained.filter(({ until }) => until >= oldest);
}

/** Every change, not only the last: what the first one ended must not come back with the second. */
export function isOutdated(retained: RetainedChanges, token: ChangedToken): boolean {
  return retained.some(({ at, target }) => token.issuedAt <= at && !saysTheSame(token, target));
}

/**
 * Beyond the number, the oldest two become one that refuses everything that was issued until then. What is refused by
 * that and by neither of them was true when it was issued: its tool renews it, and the person notices nothing.
 */
function compact(retained: RetainedChanges): RetainedChanges {
  const [first, second, ...rest] = retained;
  if (retained.length <= MOST_RETAINED || !first || !second) return retained;
  return [{ at: second.at, until: Math.max(first.until, second.until) }, ...rest];
}

/** Whether the one refuses every token that the other refuses. */
function subsumes(one: RetainedChange, other: RetainedChange): boolean {
  if (one.at < other.at) return false;
  if (one.target === undefined) return true;
  // What is no more than the other allows leaves nothing that the other alone refuses.
  return saysTheSame({ ...one.target, scopes: [...one.target.scopes] }, other.target);
}

function saysTheSame(
  { organizationId, scopes }: Omit<ChangedToken, 'issuedAt'>,
  target: RetainedChange['target'],
): boolean {
  return organizationId === target?.organizationId && scopes.every((scope) => target.scopes.has(scope));
}
