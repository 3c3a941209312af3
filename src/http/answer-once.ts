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
    write(key: string, value: string, ttlSeconds: number): Promise<void>;
    writeIfAbsent(key: string, value: string, ttlSeconds: number): Promise<boolean>;
    remove(keys: readonly string[]): Promise<number>;
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

/** As long as somebody goes on pressing; whoever comes later fills in a page that was shown since. */
const keptSeconds = 30;
/** Longer than an answer takes. After that the process that makes it has ended. */
const claimSeconds = 30;
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

  async function read(key: string): Promise<Answer | undefined> {
    const { sealed } = JSON.parse((await store.read(key))?.value ?? '{}');
    return sealed === undefined ? undefined : JSON.parse(vault.decrypt(key, sealed));
  }

  async function claimOrWait(key: string): Promise<'first' | Answer | 'too late'> {
    for (let looks = 0; looks < mostLooks; looks += 1) {
      if (await store.writeIfAbsent(key, '{}', claimSeconds)) return 'first';
      const known = await read(key);
      if (known) return known;
      await delay(lookEveryMs);
    }
    return 'too late';
  }

  /** Encrypted: a session is in it, and what is shown once. */
  async function keep(ctx: Context, key: string, once: Once): Promise<boolean> {
    const { status, body } = ctx;
    const isDone = status < 400 && (once === 'form' || status === 303);
    if (!isDone || (body != null && typeof body !== 'string')) return false;
    const headers = headersOf(ctx);
    const sessions = [sessionOf(ctx), sessionSetBy(headers, cookies.names.session) ?? sessionOf(ctx)].map(hashed);
    const answer: Answer = { endpoint: ctx.state.endpoint, sessions, status, headers, body: body ?? '' };
    await store.write(key, JSON.stringify({ sealed: vault.encrypt(key, JSON.stringify(answer)) }), keptSeconds);
    return true;
  }

  async function answerFirst(ctx: Context, key: string, once: Once, answer: () => unknown): Promise<void> {
    let isKept = false;
    try {
      await answer();
      isKept = await keep(ctx, key, once);
    } finally {
      if (!isKept) await store.remove([key]).catch(() => undefined);
    }
  }

  return async function answerOnce(ctx, once, answer) {
    const word = once === 'form' ? await formWord(ctx) : visitWord(ctx);
    if (word === undefined) return void (await answer());
    const key = names.onceAnswered(vault.hash('once', `${once} ${word}`));
    const known = await claimOrWait(key);
    if (known === 'first') return answerFirst(ctx, key, once, answer);
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
