import type { ChangedPolicy } from '@bkend/mcp-gateway/vocabulary';

/** Something that the configuration allows, with what may be said there: as gateways are told of it. */
export type PolicyPart = Omit<ChangedPolicy, 'kind'> & {
  /** The audience that it is about. */
  readonly resource?: string;
  /** Of a resource: the client as which its gateway follows the feed. Not told. */
  readonly client?: string | undefined;
};

export type PolicyParts = Readonly<Record<string, PolicyPart>>;

/** One spelling for what means the same: the order of a file says nothing. */
export function toPolicyParts(parts: readonly PolicyPart[]): PolicyParts {
  const sorted = parts.map((part) => [
    keyOf(part),
    { ...part, ...(part.scopes && { scopes: part.scopes.toSorted() }) },
  ]);
  return Object.fromEntries(sorted.toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1)));
}

export function keyOf({ about, resource = '', id = '' }: PolicyPart): string {
  return [about, resource, id].join('\n');
}

/** What is left of a part in the present configuration; nothing to say where that of its resource says it all. */
export function remainderOf(part: PolicyPart, present: PolicyParts): PolicyPart | undefined {
  const left = present[keyOf(part)];
  if (left) return left;
  if (part.about !== 'role') return { ...part, served: false };
  const hasResource = Object.hasOwn(present, keyOf({ ...part, about: 'resource', id: '' }));
  // As at the endpoints that are asked: in a role that is not known a token may say nothing (R119).
  return hasResource ? { ...part, scopes: [] } : undefined;
}

/** Whether a token could say something under the first that it may not say under the second. */
export function isLess(before: PolicyPart, { served, scopes = [], ...after }: PolicyPart): boolean {
  if (before.served && !served) return true;
  if (before.scopes?.some((scope) => !scopes.includes(scope))) return true;
  // Which hosts two lists have in common is hard to say, and telling more than is needed ends nothing.
  return ['allow', 'deny', 'except'].some((list) => String(before[list as 'allow']) !== String(after[list as 'allow']));
}
