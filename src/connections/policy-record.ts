import type { Clock } from '../clock.ts';
import type { RecordNames, Store } from '../storage/index.ts';
import { isLess, keyOf, type PolicyPart, type PolicyParts, remainderOf, toPolicyParts } from './policy-comparison.ts';
import { underWaySeconds } from './revocation-lifetime.ts';
import type { Revocations } from './revocations.ts';

export type { PolicyPart };

/** A resource that the configuration has no more; its gateway is yet to hear that its tokens have ended. */
export interface WithdrawnResource {
  readonly uri: string;
  readonly client: string | undefined;
  readonly until: number;
}

interface PolicyRecord {
  /**
   * Compares the configuration with that of the start before this one, whichever node that was of, and tells the gateways
   * what they must refuse from now on (R119). Asked at the start only: a node that runs on with an older configuration never
   * writes it back.
   */
  update(describe: Describe): Promise<WithdrawnResource[]>;
}

/** What the configuration allows; also at these audiences of before, as far as they mean a resource of it. */
type Describe = (audiences: readonly string[]) => readonly PolicyPart[];

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly revocations: Pick<Revocations, 'policyChanged' | 'retention'>;
  readonly clock: Clock;
}

interface StoredPolicy {
  readonly parts: PolicyParts;
  /** What gateways were told, by the key of its part, for as long as they may hold it. */
  readonly told: Readonly<Record<string, Told>>;
}

interface Told {
  readonly part: PolicyPart;
  readonly at: number;
  /** Of the first time: being told again does not make it newer. */
  readonly until: number;
}

/** Of so many that write at once one succeeds each round: as many attempts are enough for all of them. */
const maxAttempts = 10;

export function createPolicyRecord({ store, names, revocations, clock }: Parts): PolicyRecord {
  const key = names.policy();

  async function tell({ part, at }: Told, until: number): Promise<void> {
    const { client: _untold, ...changed } = part;
    await revocations.policyChanged({ kind: 'policy', ...changed }, { at, until });
  }

  /** What to keep from now on, after the gateways were told; nothing when that is kept already. */
  async function advance(
    before: StoredPolicy | undefined,
    describe: Describe,
    now: number,
  ): Promise<StoredPolicy | undefined> {
    const parts = toPolicyParts(describe(audiencesOf(before)));
    if (!before) return { parts, told: {} };
    const until = now + (await revocations.retention());
    const news = findNews(before, parts, { now, until });
    if (news.length === 0 && isSame(before.parts, parts)) return undefined;
    // The feed first: a process that dies in between tells again when it is started again.
    for (const told of news) await tell(told, until);
    return { parts, told: { ...before.told, ...Object.fromEntries(news.map((told) => [keyOf(told.part), told])) } };
  }

  async function update(describe: Describe, attempts: number): Promise<WithdrawnResource[]> {
    const now = clock.seconds();
    const record = await store.read(key);
    const before = record && withoutForgotten(JSON.parse(record.value), now);
    const after = await advance(before, describe, now);
    if (!after) return withdrawn(before);
    const value = JSON.stringify(after);
    const isLast = await (record ? store.compareAndSet(key, record.value, value) : store.writeIfAbsent(key, value));
    // Another node started meanwhile: what it wrote is what came before this one.
    return isLast || attempts === 1 ? withdrawn(after) : update(describe, attempts - 1);
  }

  return { update: (describe) => update(describe, maxAttempts) };
}

function withoutForgotten({ parts, told }: StoredPolicy, now: number): StoredPolicy {
  return { parts, told: Object.fromEntries(Object.entries(told).filter(([, { until }]) => until > now)) };
}

function audiencesOf(stored: StoredPolicy | undefined): string[] {
  return [...new Set(Object.values(stored?.parts ?? {}).flatMap(({ resource }) => resource ?? []))];
}

/** What is to be told: what is less than before, and what gateways hold otherwise, or might hold for too short a time. */
function findNews(
  { parts: was, told }: StoredPolicy,
  parts: PolicyParts,
  { now, until }: { now: number; until: number },
): Told[] {
  const untold = Object.entries(was).flatMap(([key, before]): Told[] => {
    const part = remainderOf(before, parts);
    return part && !told[key] && isLess(before, part) ? [{ part, at: now + underWaySeconds, until }] : [];
  });
  const anew = Object.values(told).flatMap((before): Told[] => {
    const part = remainderOf(before.part, parts);
    const isKnown = !part || isSame(part, before.part);
    // Once more by each node of a rollout that takes its time: those before it issued what the old one allowed.
    if (isKnown && before.at >= now) return [];
    // Clocks differ: it must not look older than what it replaces.
    const at = Math.max(now + underWaySeconds, before.at + 1);
    return [{ part: part ?? before.part, at, until: isKnown ? before.until : until }];
  });
  return [...untold, ...anew];
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function withdrawn(stored: StoredPolicy | undefined): WithdrawnResource[] {
  return Object.values(stored?.told ?? {}).flatMap(({ part: { about, served, resource, client }, until }) =>
    about === 'resource' && !served && resource !== undefined ? [{ uri: resource, client, until }] : [],
  );
}
