import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from 'koa';
import { knownAs, knownAsAfter } from './browser-cookies.ts';
import type { Cookies } from './cookies.ts';
import { formWord, visitWord } from './once-words.ts';

/** What is answered once, however often it is asked: a form of ours, or a step on which the provider goes on. */
export type Once = 'form' | 'visit';

export type AnswerOnce = (ctx: Context, once: Once, answer: () => unknown) => Promise<void>;

interface Parts {
  readonly store: {
    read(key: string): Promise<{ readonly value: string } | undefined>;
    compareAndSet(key: string, expected: string, value: string): Promise<boolean>;
    writeIfAbsent(key: string, value: string, ttlSeconds: number): Promise<boolean>;
  };
  readonly names: { onceAnswered(place: number): string };
  readonly vault: {
    hash(kind: string, value: string): string;
    encrypt(context: string, text: string): string;
    decrypt(context: string, text: string): string;
  };
  readonly cookies: Cookies;
}

interface Answer {
  readonly endpoint: string | undefined;
  /** Hashed: what our cookies were when it was asked for, and what they are with it. */
  readonly browsers: readonly string[];
  readonly status: number;
  readonly headers: readonly (readonly [string, string | string[]])[];
  readonly body: string;
}

interface Claim {
  readonly key: string;
  /** Hashed: what is asked. */
  readonly said: string;
}

/** In the store. */
interface Kept {
  readonly said?: string;
  readonly sealed?: string;
}

/** As long as somebody goes on pressing; whoever comes later fills in a page that was shown since. Longer than an answer takes. */
const keptSeconds = 30;
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
export function createAnswerOnce({ store, names, vault, cookies }: Parts): AnswerOnce {
  const hashed = (browser: string) => vault.hash('once browser', browser);
  const placeOf = (word: string) => Buffer.from(vault.hash('once', word), 'base64url').readUInt32BE() % places;

  /** What is under way or was answered there; whatever else is asked there takes its place. */
  async function claim({ key, said }: Claim): Promise<'first' | Answer | undefined> {
    const claimed = JSON.stringify({ said });
    if (await store.writeIfAbsent(key, claimed, keptSeconds)) return 'first';
    const value = (await store.read(key))?.value;
    if (value === undefined) return undefined;
    const kept: Kept = JSON.parse(value);
    if (kept.said === said) return open(kept);
    return (await store.compareAndSet(key, value, claimed)) ? 'first' : undefined;
  }

  const open = ({ said = '', sealed }: Kept): Answer | undefined =>
    sealed === undefined ? undefined : JSON.parse(vault.decrypt(said, sealed));

  async function claimOrWait(claimed: Claim): Promise<'first' | Answer | 'too late'> {
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const known = await claim(claimed);
      if (known) return known;
      await delay(lookEveryMs);
    }
    return 'too late';
  }

  function answerIn(ctx: Context, once: Once): Answer | undefined {
    const { status, body } = ctx;
    const isDone = status < 400 && (once === 'form' || status === 303);
    if (!isDone || (body != null && typeof body !== 'string') || (body?.length ?? 0) > mostKept) return undefined;
    const headers = headersOf(ctx);
    const browsers = [knownAs(ctx, cookies), knownAsAfter(ctx, cookies)].map(hashed);
    return { endpoint: ctx.state.endpoint, browsers, status, headers, body: body ?? '' };
  }

  async function answerFirst(ctx: Context, { key, said }: Claim, once: Once, answer: () => unknown): Promise<void> {
    // What came to nothing is claimed by whoever sends it again.
    let kept: Kept = {};
    try {
      await answer();
      const made = answerIn(ctx, once);
      // Encrypted: a session is in it, and what is shown once.
      if (made) kept = { said, sealed: vault.encrypt(said, JSON.stringify(made)) };
    } finally {
      // What was done is done, whatever the store says now.
      await store.compareAndSet(key, JSON.stringify({ said }), JSON.stringify(kept)).catch(() => undefined);
    }
  }

  return async function answerOnce(ctx, once, answer) {
    const browser = knownAs(ctx, cookies);
    const word = once === 'form' ? await formWord(ctx) : visitWord(ctx, browser);
    // One without a cookie of ours is nobody's to be known again, and achieves nothing.
    if (word === undefined || browser === '') return void (await answer());
    const [key, said] = [
      names.onceAnswered(placeOf(word.place)),
      vault.hash('once said', `${word.place} ${word.said}`),
    ];
    const known = await claimOrWait({ key, said });
    if (known === 'first') return answerFirst(ctx, { key, said }, once, answer);
    // Whoever knows what was sent, and is not that browser, gets nothing of it; after another sign-in it is another request.
    const isRepeated = typeof known === 'object' && known.browsers.includes(hashed(browser));
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
