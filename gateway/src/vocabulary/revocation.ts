/** One entry of the feed. Times are seconds since the epoch: `at` when it was decided. */
export type Revocation = RevokedThing & {
  readonly at: number;
  /** After that no token that it is about is valid anyway, not even for a gateway whose clock is behind. */
  readonly until: number;
  readonly reason?: string;
  /** Whose gateways it is for; absent: those of every resource. */
  readonly resource?: string;
};

export type RevokedThing = EndedConnection | ChangedConnection | EndedToken | EndedMembership | ChangedPolicy;

/** Every token of one connection, whenever it was issued: the id is never given again. */
export interface EndedConnection {
  readonly kind: 'connection';
  readonly id: string;
}

/**
 * The connection goes on for this organization, with these scopes: its tokens that were issued until `at` and say
 * otherwise end. By what they say and not by time alone, or a token renewed within the same second would be refused.
 */
export interface ChangedConnection {
  readonly kind: 'change';
  readonly id: string;
  readonly organizationId: string;
  readonly scopes: readonly string[];
}

/** One access token (`jti`). */
export interface EndedToken {
  readonly kind: 'token';
  readonly id: string;
}

/**
 * Every token that was issued before `at` to this account for this organization, or for any with `*`. With a `role` the
 * membership goes on in it: only those that say another one end, or a token renewed within the same second would.
 */
export interface EndedMembership {
  readonly kind: 'membership';
  readonly accountId: string;
  readonly organizationId: string;
  readonly role?: string;
}

/**
 * The issuer's configuration was changed: tokens of this kind that were issued until `at` and that it no longer allows are
 * refused. It says what holds now, so of several about the same the newest counts: what is permitted again is no longer refused.
 */
export interface ChangedPolicy {
  readonly kind: 'policy';
  /**
   * What a token is meant by: its client (`id`); that its client is described by a document at its id; its audience
   * (`resource` of the entry); its role (`id`) at that audience.
   */
  readonly about: 'client' | 'documents' | 'resource' | 'role';
  readonly id?: string;
  /** False: none of these tokens is allowed any more. */
  readonly served: boolean;
  /** Of a resource or a role: what its tokens may say. */
  readonly scopes?: readonly string[];
  /** Of documents: the hosts whose clients are allowed or refused, and the ids that are allowed wherever they are. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly except?: readonly string[];
}

/**
 * The most that the clocks of server and gateway may differ, and that a gateway may set as its tolerance while it follows
 * revocations: for so long it could accept a token that has expired, so for so long its revocation counts.
 */
export const maxClockSkewSeconds = 300;

/** The texts that an entry of a kind has besides its times. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  connection: ['id'],
  token: ['id'],
  membership: ['accountId', 'organizationId'],
  change: ['id', 'organizationId'],
  policy: ['about'],
};

/** The lists that a policy has besides, by what it is about. */
const POLICY_LISTS: Readonly<Record<string, readonly string[]>> = {
  client: [],
  documents: ['allow', 'deny', 'except'],
  resource: ['scopes'],
  role: ['scopes'],
};

/** What a line of the feed says, or `undefined` for what this version does not understand. */
export function parseRevocation(text: string): Revocation | undefined {
  const entry = Object(parseJson(text)) as Record<string, unknown>;
  const texts = Object.hasOwn(TEXTS, String(entry.kind)) ? TEXTS[String(entry.kind)] : undefined;
  if (!texts?.every((name) => typeof entry[name] === 'string')) return undefined;
  if (!Number.isFinite(entry.at) || !Number.isFinite(entry.until)) return undefined;
  if (entry.kind === 'change' && !isTextList(entry.scopes)) return undefined;
  if (entry.kind === 'membership' && !['undefined', 'string'].includes(typeof entry.role)) return undefined;
  if (entry.kind === 'policy' && !isPolicy(entry)) return undefined;
  return entry as unknown as Revocation;
}

function isPolicy(entry: Readonly<Record<string, unknown>>): boolean {
  const about = String(entry.about);
  const lists = Object.hasOwn(POLICY_LISTS, about) ? POLICY_LISTS[about] : undefined;
  if (!lists?.every((name) => isTextList(entry[name])) || typeof entry.served !== 'boolean') return false;
  const texts = { client: ['id'], resource: ['resource'], role: ['id', 'resource'] }[about] ?? [];
  return texts.every((name) => typeof entry[name] === 'string');
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
