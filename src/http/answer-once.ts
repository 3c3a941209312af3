import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from 'koa';
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
  readonly names: { onceAnswered(hash: string): string };
  readonly vault: {
    hash(kind: string, value: string): string;
    encrypt(context: string, text: string): string;
    decrypt(context: string, text: string): string;
  };
  readonly cookies: Cookies;
}

interface Answer {
  readonly endpoint: string | undefined;
  /** Hashed: the session of the browser before, and with this answer. */
  readonly sessions: readonly string[];
  readonly status: number;
  readonly headers: readonly (readonly [string, string | string[]])[];
  readonly body: string;
}

interface Claim {
  readonly key: string;
  readonly claimed: string;
}

/** As long as somebody goes on pressing; whoever comes later fills in a page that was shown since. Longer than an answer takes. */
const keptSeconds = 30;
const lookEveryMs = 50;
/** Two seconds, as for the store (R125): a process that was killed while it made the answer makes none. */
const mostLooks = 40;

/**
 * A button that is pressed twice, and Enter held down, send a form again before it was answered. A browser drops what the
 * first one is answered, with its cookies: the session that it began, the codes that it showed once. So what is sent again
 * waits for the first, on whichever node, and gets the very same answer. What went wrong is tried again.
 */
export function createAnswerOnce({ store, names, vault, cookies }: Parts): AnswerOnce {
  const hashed = (session: string | undefined) => vault.hash('once session', session ?? '');
  const sessionOf = (ctx: Context) => ctx.cookies.get(cookies.names.session);

  const answerIn = (key: string, sealed: string): Answer => JSON.parse(vault.decrypt(key, sealed));

  /** What is under way or was answered there; another form of the same showing takes its place. */
  async function claim({ key, claimed }: Claim): Promise<'first' | Answer | undefined> {
    if (await store.writeIfAbsent(key, claimed, keptSeconds)) return 'first';
    const value = (await store.read(key))?.value;
    if (value === undefined) return undefined;
    const { said, sealed } = JSON.parse(value);
    if (said === JSON.parse(claimed).said) return sealed && answerIn(key, sealed);
    return (await store.compareAndSet(key, value, claimed)) ? 'first' : undefined;
  }

  async function claimOrWait(claimed: Claim): Promise<'first' | Answer | 'too late'> {
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const known = await claim(claimed);
      if (known) return known;
      await delay(lookEveryMs);
    }
    return 'too late';
  }

  /** Encrypted: a session is in it, and what is shown once. */
  function sealOf(ctx: Context, key: string, once: Once): string | undefined {
    const { status, body } = ctx;
    const isDone = status < 400 && (once === 'form' || status === 303);
    if (!isDone || (body != null && typeof body !== 'string')) return undefined;
    const headers = headersOf(ctx);
    const sessions = [sessionOf(ctx), sessionSetBy(headers, cookies.names.session) ?? sessionOf(ctx)].map(hashed);
    const answer: Answer = { endpoint: ctx.state.endpoint, sessions, status, headers, body: body ?? '' };
    return vault.encrypt(key, JSON.stringify(answer));
  }

  async function answerFirst(ctx: Context, { key, claimed }: Claim, once: Once, answer: () => unknown): Promise<void> {
    let sealed: string | undefined;
    try {
      await answer();
      sealed = sealOf(ctx, key, once);
    } finally {
      // What came to nothing is claimed by whoever sends it again. What was done is done, whatever the store says now.
      const said = sealed === undefined ? undefined : JSON.parse(claimed).said;
      await store.compareAndSet(key, claimed, JSON.stringify({ said, sealed })).catch(() => undefined);
    }
  }

  return async function answerOnce(ctx, once, answer) {
    const word = once === 'form' ? await formWord(ctx) : visitWord(ctx);
    if (word === undefined) return void (await answer());
    const key = names.onceAnswered(vault.hash('once', `${once} ${word.place}`));
    const claimed = JSON.stringify({ said: vault.hash('once said', word.said) });
    const known = await claimOrWait({ key, claimed });
    if (known === 'first') return answerFirst(ctx, { key, claimed }, once, answer);
    // In a session that began or ended since it is another request, and perhaps another person.
    const isRepeated = typeof known === 'object' && known.sessions.includes(hashed(sessionOf(ctx)));
    await (isRepeated ? repeat(ctx, known) : answer());
  };
}

function headersOf({ response }: Context): Answer['headers'] {
  const all = Object.entries(response.headers) as [string, string | string[]][];
  return all.filter(([name]) => name !== 'content-length');
}

function sessionSetBy(headers: Answer['headers'], cookie: string): string | undefined {
  const set = headers.flatMap(([name, values]) => (name === 'set-cookie' ? values : []));
  const mine = set.findLast((each) => each.startsWith(`${cookie}=`));
  return mine?.slice(cookie.length + 1).split(';', 1)[0];
}

function repeat(ctx: Context, { endpoint, status, headers, body }: Answer): void {
  ctx.state.endpoint = endpoint;
  ctx.status = status;
  ctx.body = body;
  for (const [name, value] of headers) ctx.set(name, value);
}
