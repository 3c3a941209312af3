import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { createNonce } from '../random-bytes.ts';
import { createKnowBrowser, type KnownBrowser } from './browser-cookies.ts';
import type { Cookies } from './cookies.ts';
import { formWord, visitWord, type Word } from './once-words.ts';

/** What is answered once, however often it is asked: a form of ours, or a step on which the provider goes on. */
export type Once = 'form' | 'visit';

export type AnswerOnce = (ctx: Context, once: Once, answer: () => unknown) => Promise<void>;

interface Parts {
  readonly store: {
    exchange(key: string, value: string, ttlSeconds: number): Promise<{ readonly value: string } | undefined>;
    read(key: string): Promise<{ readonly value: string } | undefined>;
    write(key: string, value: string, ttlSeconds: number): Promise<void>;
  };
  readonly names: { onceAnswered(place: number): string };
  readonly vault: {
    hash(kind: string, value: string): string;
    encrypt(context: string, text: string): string;
    decrypt(context: string, text: string): string;
  };
  readonly cookies: Cookies;
  /** Leaves a request so much less patience. */
  readonly pause: (ms: number) => Promise<void>;
  /** When all that the answer has written is kept. */
  readonly allKept: () => Promise<void>;
  /** Writes when what is new is kept. */
  readonly holdLast: (name: string, write: () => Promise<unknown>) => Promise<void>;
  /** Begins to read what an answer needs. */
  readonly readAhead: (ctx: Context) => void;
  readonly reads: { forget(): void };
}

interface Answer {
  readonly endpoint: string | undefined;
  /** What our cookies were when it was asked for, and what they are with it. */
  readonly browsers: readonly string[];
  readonly status: number;
  readonly headers: readonly (readonly [string, string | string[]])[];
  readonly body: string;
}

/** In the store. */
interface Kept {
  /** Hashed: where something is asked, while it is under way. */
  readonly place?: string;
  /** Hashed: what is asked. */
  readonly said?: string;
  /** Whose claim it is. */
  readonly by?: string;
  readonly sealed?: string;
}

interface Claim {
  readonly key: string;
  readonly place: string;
  readonly said: string;
  /** As it is in the store. */
  readonly value: string;
}

/** As long as somebody goes on pressing; whoever comes later fills in a page that was shown since. Longer than an answer takes. */
const keptSeconds = 15;
const lookEveryMs = 50;
/** Two seconds, as for the store (R125): a process that was killed while it made the answer makes none. */
const mostLooks = 40;
/** Whoever sends anything here takes one, and in use they push each other out: a stranger fills no store. */
const places = 16_384;
/** Pages that follow a form are small. */
const mostKept = 32 * 1024;

/**
 * A button that is pressed twice, and Enter held down, send a form again before it was answered. A browser drops what the
 * first one is answered, with its cookies: the session that it began, the codes that it showed once. So what is sent again
 * waits for the first, on whichever node, and gets the very same answer. What went wrong is tried again.
 */
export function createAnswerOnce(parts: Parts): AnswerOnce {
  const { store, names, vault, cookies, pause, allKept, holdLast, readAhead, reads } = parts;
  const knowBrowser = createKnowBrowser(cookies);

  function claimOf({ place, said }: Word): Claim {
    const asked = vault.hash('once', `${place} ${said}`);
    const where = hash('sha256', place);
    const value = JSON.stringify({ place: where, said: asked, by: createNonce() } satisfies Kept);
    return {
      key: names.onceAnswered(Number.parseInt(where.slice(0, 8), 16) % places),
      place: where,
      said: asked,
      value,
    };
  }

  const open = ({ said = '', sealed }: Kept): Answer | undefined =>
    sealed === undefined ? undefined : JSON.parse(vault.decrypt(said, sealed));

  /** Takes the place of whatever else was asked there, in one step that needs no script: nearly everybody comes first. */
  async function claim(claimed: Claim, looks = mostLooks): Promise<'first' | Answer | 'too late'> {
    const { key, place, said, value } = claimed;
    const before = (await store.exchange(key, value, keptSeconds))?.value ?? '{}';
    const kept: Kept = JSON.parse(before);
    // Or it finds its own: the store was asked again, because its first answer was lost.
    if (before === value) return 'first';
    // Whoever is at work there writes the answer over this claim, too.
    if (kept.place === place) return wait(claimed, looks);
    const answer = kept.said === said ? open(kept) : undefined;
    if (!answer) return 'first';
    await store.write(key, before, keptSeconds);
    return answer;
  }

  async function wait(claimed: Claim, looks: number): Promise<'first' | Answer | 'too late'> {
    if (looks === 0) return 'too late';
    // Another request is about to change it.
    reads.forget();
    await pause(lookEveryMs);
    const kept: Kept = JSON.parse((await store.read(claimed.key))?.value ?? '{}');
    if (kept.said !== claimed.said) return claim(claimed, looks - 1);
    return open(kept) ?? wait(claimed, looks - 1);
  }

  function answerIn(ctx: Context, browser: KnownBrowser): Answer | undefined {
    const { status, body, state } = ctx;
    const browsers = [browser.now, browser.afterwards()];
    if (status >= 400 || (body != null && typeof body !== 'string') || (body?.length ?? 0) > mostKept) return undefined;
    const headers = headersOf(ctx);
    return { endpoint: state.endpoint, browsers, status, headers, body: body ?? '' };
  }

  async function answerFirst({ key, said }: Claim, answer: () => Promise<Answer | undefined>): Promise<void> {
    // What was done is done, whatever the store says now.
    const keep = (kept: Kept) => store.write(key, JSON.stringify(kept), keptSeconds).catch(() => undefined);
    try {
      const made = await answer();
      // Encrypted: a session is in it, and what is shown once. Not before all is kept that it speaks of.
      await holdLast(key, () => keep(made ? { said, sealed: vault.encrypt(said, JSON.stringify(made)) } : {}));
      await allKept();
    } catch (error) {
      // What came to nothing is claimed by whoever sends it again.
      await keep({});
      throw error;
    }
  }

  return async function answerOnce(ctx, once, answer) {
    const browser = knowBrowser(ctx);
    const word = once === 'form' ? await formWord(ctx) : visitWord(ctx, browser.now);
    // One without a cookie of ours is nobody's to be known again, and achieves nothing.
    if (word === undefined || browser.now === '') return void (await answer());
    const claimed = claimOf(word);
    readAhead(ctx);
    const known = await claim(claimed);
    // Or it has waited long enough: whoever was at work is gone.
    if (typeof known === 'string')
      return answerFirst(claimed, async () => {
        await answer();
        return answerIn(ctx, browser);
      });
    // Whoever knows what was sent, and is not that browser, gets nothing of it; after another sign-in it is another request.
    const isRepeated = known.browsers.includes(browser.now);
    await (isRepeated ? repeat(ctx, known) : answer());
  };
}

function headersOf({ response }: Context): Answer['headers'] {
  const all = Object.entries(response.headers) as [string, string | string[]][];
  return all.filter(([name]) => name !== 'content-length');
}

function repeat(ctx: Context, { endpoint, status, headers, body }: Answer): void {
  ctx.state.endpoint = endpoint;
  ctx.status = status;
  ctx.body = body;
  for (const [name, value] of headers) ctx.set(name, value);
}
