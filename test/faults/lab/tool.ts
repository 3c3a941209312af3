import { setTimeout as delay } from 'node:timers/promises';
import { createPerson, type Person } from '../../support/person.ts';
import { type RelyingParty, registerClient, type TokenAnswer } from '../../support/relying-party.ts';
import type { Ledger, ToldConnection } from './ledger.ts';
import type { Random } from './random.ts';

interface Place {
  readonly origin: string;
  readonly issuer: string;
}

/** No fault lasts as long; who is not answered by then never will be. */
const patienceMs = 40_000;
const betweenTriesMs = 150;

interface Answered {
  readonly answer: TokenAnswer;
  /** Whether an earlier try had no answer, or one that says only that there was none. */
  readonly isRepeat: boolean;
}

/**
 * One tool and its person: authorize → exchange → a few refreshes, again and again until told to stop. Whatever was not
 * answered they ask again with the very same words, as tools do.
 */
export async function useServer(place: Place, ledger: Ledger, random: Random, until: AbortSignal): Promise<void> {
  const client = await registered(place);
  const person = createPerson(place.origin);
  while (!until.aborted) {
    const told = await connects(client, person, ledger);
    await delay(random.between(5, 60));
    for (let left = told ? random.between(1, 4) : 0; told && left > 0; left -= 1) {
      await renews(told, ledger, random.chance(0.25) ? 2 : 1);
      await delay(random.between(5, 60));
    }
  }
}

/** One refresh of what a tool was told last; whether it is answered with tokens. */
export async function stillWorks(told: ToldConnection): Promise<string | undefined> {
  const { answer } = await untilAnswered(() => told.client.refresh(told.refreshToken));
  return answer.status === 200 ? undefined : wordsOf('a connection that a tool was told about is refused', answer);
}

async function registered({ issuer }: Place): Promise<RelyingParty> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return await registerClient(issuer);
    } catch (error) {
      if (performance.now() > end) throw error;
      await delay(betweenTriesMs);
    }
  }
}

async function connects(client: RelyingParty, person: Person, ledger: Ledger): Promise<ToldConnection | undefined> {
  const { url, verifier } = client.authorizationRequest({ scope: 'project:read' });
  const callback = await person.approves(url).catch(async (error: Error) => {
    // A page that a client's mistake brings is one that we made: nobody here makes any.
    const isEnded = error.message.includes('This sign-in has ended');
    if (/^stuck on [^\n]* \(4\d\d\)/.test(error.message))
      ledger[isEnded ? 'ended' : 'wrong'].push(`a page says: ${firstWords(error.message)}`);
    ledger.begunAnew += 1;
    await delay(betweenTriesMs);
    return undefined;
  });
  if (!callback) return undefined;
  if (!callback.searchParams.has('code')) {
    ledger.wrong.push(`sent back to the tool with ${callback.search}`);
    return undefined;
  }
  const answered = await untilAnswered(() => client.exchange(callback, verifier));
  return note(answered, client, ledger);
}

function note({ answer, isRepeat }: Answered, client: RelyingParty, ledger: Ledger): ToldConnection | undefined {
  if (answer.status === 200) {
    const told = { client, refreshToken: answer.body.refresh_token ?? '' };
    ledger.connections.push(told);
    return told;
  }
  const saysWhatToDo = String(answer.body.error_description).includes('restart authorization');
  // RFC 6749 §4.1.2: a code is used once, and the answer to that was lost.
  if (isRepeat && answer.body.error === 'invalid_grant' && saysWhatToDo) ledger.startedAgain += 1;
  else ledger.wrong.push(wordsOf(isRepeat ? 'a repeated redemption' : 'the first redemption of a code', answer));
  return undefined;
}

/** All who ask at once with one token are told the same next one. */
async function renews(told: ToldConnection, ledger: Ledger, atOnce: number): Promise<void> {
  const asked = Array.from({ length: atOnce }, () => untilAnswered(() => told.client.refresh(told.refreshToken)));
  const answers = (await Promise.all(asked)).map(({ answer }) => answer);
  const tokens = new Set<string>();
  for (const answer of answers) {
    if (answer.status === 200) tokens.add(answer.body.refresh_token ?? '');
    else ledger.wrong.push(wordsOf('a refresh', answer));
  }
  if (tokens.size > 1) ledger.wrong.push('two refreshes at once were told two successors');
  const [next] = tokens;
  if (next !== undefined) told.refreshToken = next;
}

/** A connection that was cut and 5xx are no answers: the same request is sent again. */
async function untilAnswered(ask: () => Promise<TokenAnswer>): Promise<Answered> {
  const end = performance.now() + patienceMs;
  for (let tries = 0; ; tries += 1) {
    const answer = await ask().catch(() => undefined);
    if (answer && answer.status < 500) return { answer, isRepeat: tries > 0 };
    if (performance.now() > end) throw new Error(`not answered within ${patienceMs} ms: ${answer?.status}`);
    await delay(betweenTriesMs);
  }
}

function wordsOf(what: string, { status, body }: TokenAnswer): string {
  return `${what}: ${status} ${body.error ?? ''} ${body.error_description ?? ''}`;
}

function firstWords(text: string): string {
  return text.replaceAll(/<[^>]*>|\s+/g, ' ').slice(0, 300);
}
