import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { isRecentEnough } from './auth-time.ts';
import type { ConsoleStorage } from './console-storage.ts';
import type { AcceptBody, ChallengeDescription, RejectBody } from './schemas.ts';

/** The answers of a console to the question "who is this?", each for one interaction (handed over by the browser). */
export interface Challenges {
  /** 256 bits that name one interaction to the console; we keep a hash. */
  create(request: ChallengeRequest): Promise<string>;
  describe(challenge: string): Promise<ChallengeDescription | Refusal>;
  /** Answers the challenge. The same answer again, about the same account, makes a new ticket, and the old one dies. */
  answer(challenge: string, answer: Answer): Promise<Ticket | Refusal>;
  /**
   * What the console answered, for whoever holds the ticket *and* the interaction: exactly once, whoever else asks at the
   * same moment. Nothing for a ticket that is wrong, used, replaced, older than a minute, or of another interaction.
   */
  redeem(ticket: string, interactionUid: string): Promise<Redeemed | undefined>;
}

interface ChallengeRequest {
  readonly interactionUid: string;
  /** For how long the interaction still lives. */
  readonly lifetimeSeconds: number;
  readonly asked: Omit<ChallengeDescription, 'expires_at'>;
}

export type Answer =
  | { readonly kind: 'accepted'; readonly body: AcceptBody }
  | { readonly kind: 'rejected'; readonly body: RejectBody };

export interface Ticket {
  readonly ticket: string;
  readonly interactionUid: string;
}

/** `'answered'`: for another account, or the other way. `'used'`: its ticket was redeemed. */
export type Refusal = 'unknown' | 'expired' | 'answered' | 'used';

/** `isRecent`: whether the sign-in satisfies `prompt=login` and `max_age` of the request; `acrValues`: how it wants it to be. */
export type Redeemed = Answer & { readonly isRecent: boolean; readonly acrValues?: readonly string[] | undefined };

interface ChallengeRecord {
  readonly interactionUid: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly asked: ChallengeRequest['asked'];
  readonly answer?: Answer;
  readonly ticketHash?: string;
  readonly used?: true;
}

type Answered = ChallengeRecord & { readonly answer: Answer };

interface Found {
  readonly text: string;
  readonly record: ChallengeRecord;
}

export const ticketTtlSeconds = 60;
const maxLifetimeSeconds = 600;
const keptAfterwardsSeconds = 600;

// Of N answers at once one always wins, so as many attempts are enough for as many; a console sends one.
const maxAttempts = 60;

export function createChallenges({ store, names, hash, unfinished }: ConsoleStorage, clock: Clock): Challenges {
  const keyOf = (challenge: string) => names.loginChallenge(hash('login-challenge', challenge));

  async function find(key: string): Promise<Found | Refusal> {
    const found = await read(key);
    if (!found) return 'unknown';
    if (found.record.used) return 'used';
    return found.record.expiresAt <= clock.seconds() ? 'expired' : found;
  }

  async function read(key: string): Promise<Found | undefined> {
    const stored = await store.read(key);
    return stored && { text: stored.value, record: JSON.parse(stored.value) };
  }

  async function create({ interactionUid, lifetimeSeconds, asked }: ChallengeRequest): Promise<string> {
    const challenge = randomBytes(32).toString('base64url');
    const lifetime = Math.min(lifetimeSeconds, maxLifetimeSeconds);
    const createdAt = clock.seconds();
    const record: ChallengeRecord = { interactionUid, createdAt, expiresAt: createdAt + lifetime, asked };
    // Kept for longer than it can be answered: a console that comes late hears "expired", not "unknown".
    const [name, value] = [keyOf(challenge), JSON.stringify(record)];
    const ttl = lifetime + keptAfterwardsSeconds;
    await Promise.all([store.write(name, value, ttl), unfinished.note({ name, bytes: value.length }, ttl)]);
    return challenge;
  }

  async function describe(challenge: string): Promise<ChallengeDescription | Refusal> {
    const found = await find(keyOf(challenge));
    return typeof found === 'string' ? found : { ...found.record.asked, expires_at: found.record.expiresAt };
  }

  async function answer(challenge: string, answer: Answer): Promise<Ticket | Refusal> {
    const key = keyOf(challenge);
    let answered: Ticket | Refusal | undefined;
    for (let attempt = 0; attempt < maxAttempts && !answered; attempt++) answered = await tryToAnswer(key, answer);
    return answered ?? 'answered';
  }

  /** Nothing when somebody else was faster. */
  async function tryToAnswer(key: string, answer: Answer): Promise<Ticket | Refusal | undefined> {
    const found = await find(key);
    if (typeof found === 'string') return found;
    const { text, record } = found;
    if (record.answer && !isSame(record.answer, answer)) return 'answered';
    const ticket = randomBytes(32).toString('base64url');
    const ticketHash = hash('login-ticket', ticket);
    if (!(await store.compareAndSet(key, text, JSON.stringify({ ...record, answer, ticketHash })))) return undefined;
    // The store measures its minute: nodes whose clocks differ agree on when it is over.
    await store.write(names.loginTicket(ticketHash), JSON.stringify({ challenge: key }), ticketTtlSeconds);
    return { ticket, interactionUid: record.interactionUid };
  }

  async function redeem(ticket: string, interactionUid: string): Promise<Redeemed | undefined> {
    const ticketHash = hash('login-ticket', ticket);
    const pointer = await store.read(names.loginTicket(ticketHash));
    const key: string | undefined = pointer && JSON.parse(pointer.value).challenge;
    // Not `find`: a challenge that was answered in its last moment leaves the person their minute.
    const found = key === undefined ? undefined : await read(key);
    if (key === undefined || !found || !isRedeemable(found.record, ticketHash, interactionUid)) return undefined;
    const { answer: _answer, ticketHash: _ticketHash, ...rest } = found.record;
    // Whoever moves the record on has the answer; who loses the race finds it used.
    if (!(await store.compareAndSet(key, found.text, JSON.stringify({ ...rest, used: true })))) return undefined;
    const { answer, asked } = found.record;
    return { ...answer, isRecent: isRecent(found.record, clock.seconds()), acrValues: asked.acr_values };
  }

  return { create, describe, answer, redeem };
}

function isRedeemable(record: ChallengeRecord, ticketHash: string, interactionUid: string): record is Answered {
  // Login CSRF: the ticket of an attacker's interaction, carried into the victim's, would sign the victim in as the attacker.
  return record.interactionUid === interactionUid && record.ticketHash === ticketHash && record.answer !== undefined;
}

function isSame(before: Answer, now: Answer): boolean {
  if (before.kind === 'accepted') return now.kind === 'accepted' && before.body.account.id === now.body.account.id;
  return now.kind === 'rejected';
}

function isRecent({ answer, asked, createdAt }: ChallengeRecord, now: number): boolean {
  if (answer?.kind !== 'accepted') return true;
  const rules = { prompt: asked.prompt, maxAge: asked.max_age };
  return isRecentEnough(answer.body.auth_time, rules, { askedAt: createdAt, now });
}
