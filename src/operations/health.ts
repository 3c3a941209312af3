import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import type { Events } from './events.ts';

/** Often enough that a replaced file or a Redis without traffic is noticed within the minute (R115). */
const intervalMs = 10_000;
/** While something is wrong. */
const outageIntervalMs = 1000;
/** Whoever asks within this time is told the same: a stranger who asks all the time makes nobody write all the time. */
const freshMs = 200;
const clockWarningMs = 5000;
const clockLimitMs = 15_000;

interface Memory {
  readonly policy: string;
  readonly evictedKeys: number;
}

interface HealthParts {
  readonly clock: Clock;
  readonly events: Events;
  /** Writes to the store, and rejects when that is impossible. */
  readonly write: () => Promise<void>;
  /** The store's clock, in milliseconds. */
  readonly storeNow: () => Promise<number>;
  readonly memory: () => Promise<Memory | undefined>;
}

/** Whether this process can serve: the store can be written, and the clocks agree (R115, R124). */
export interface Health {
  /** Looks; answers why it cannot serve, or nothing. */
  check(): Promise<string | undefined>;
  /** Rejects with that sentence. */
  ping(): Promise<void>;
  /** Something went wrong somewhere: look soon. */
  suspect(): void;
  /** From now on it is not ready: balancers shall send nobody any more. */
  leave(): void;
  readonly evictedKeys: number;
  close(): void;
}

export function createHealth(parts: HealthParts): Health {
  const { clock, events } = parts;
  const outage = createOnce<unknown>(
    (cause) => events.emit({ event: 'store', err: cause as Error }),
    () => events.emit({ event: 'store.back' }),
  );
  const skew = createOnce<number>(
    (seconds) => events.emit({ event: 'clock', seconds }),
    () => events.emit({ event: 'clock.back' }),
  );
  const eviction = createOnce<string>((policy) => events.emit({ event: 'store.evicts', policy }));
  let evictedKeys = 0;
  let hasLeft = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let last: { readonly until: number; readonly found: Promise<string | undefined> } | undefined;

  async function probe(): Promise<string | undefined> {
    try {
      await parts.write();
      const sentence = await probeClock();
      outage.end();
      await probeMemory().catch(() => undefined); // known at the start to be allowed
      return sentence;
    } catch (error) {
      if (!isClosed) outage.begin((error as Error).cause ?? error);
      return 'the store does not answer, or cannot be written';
    }
  }

  async function probeClock(): Promise<string | undefined> {
    const asked = clock.now();
    const theirs = await parts.storeNow();
    // The answer was made at some moment in between: no more than this is certain.
    const offMs = Math.max(0, theirs - clock.now(), asked - theirs);
    const seconds = Math.round(offMs / 100) / 10;
    if (offMs > clockWarningMs) skew.begin(seconds);
    else skew.end();
    return offMs > clockLimitMs ? `the clock is ${seconds} s off the one of the store` : undefined;
  }

  async function probeMemory(): Promise<void> {
    const memory = await parts.memory();
    if (!memory) return;
    if (memory.policy === 'noeviction') eviction.end();
    else eviction.begin(memory.policy);
    if (memory.evictedKeys > evictedKeys)
      events.emit({ event: 'store.evicted', keys: memory.evictedKeys - evictedKeys, total: memory.evictedKeys });
    evictedKeys = memory.evictedKeys;
  }

  function check(): Promise<string | undefined> {
    if (last && performance.now() < last.until) return last.found;
    clearTimeout(timer);
    const found = probe();
    last = { until: Number.POSITIVE_INFINITY, found };
    void found.then((sentence) => {
      last = { until: performance.now() + freshMs, found };
      schedule(sentence === undefined ? intervalMs : outageIntervalMs);
    });
    return found;
  }

  function schedule(ms: number) {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(check, ms).unref();
  }

  const answer = async () => (await check()) ?? (hasLeft ? 'it is about to stop' : undefined);

  return {
    check: answer,
    async ping() {
      const sentence = await answer();
      if (sentence !== undefined) throw new Error(sentence);
    },
    suspect: () => void (isClosed || outage.isOn || check()),
    leave() {
      hasLeft = true;
    },
    get evictedKeys() {
      return evictedKeys;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** Says once that something began, and once that it is over. */
function createOnce<Detail>(onBegin: (detail: Detail) => void, onEnd: () => void = () => undefined) {
  let isOn = false;
  return {
    get isOn() {
      return isOn;
    },
    begin(detail: Detail) {
      if (!isOn) onBegin(detail);
      isOn = true;
    },
    end() {
      if (isOn) onEnd();
      isOn = false;
    },
  };
}

/** The process runs. For probes, so without a page. */
function serveAlive(ctx: Context): void {
  answer(ctx, 200, 'ok');
}

/** `/healthz` and `/readyz`, on whichever port. */
export function createProbes(health: Pick<Health, 'check'>) {
  const probe = { name: 'health', methods: ['GET'] };
  return [
    { ...probe, path: '/healthz', handler: serveAlive },
    { ...probe, path: '/readyz', handler: createServeReady(health) },
  ];
}

/** It can serve. */
function createServeReady({ check }: Pick<Health, 'check'>): (ctx: Context) => Promise<void> {
  return async (ctx) => {
    const sentence = await check();
    answer(ctx, sentence === undefined ? 200 : 503, sentence ?? 'ready');
  };
}

function answer(ctx: Context, status: number, text: string) {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { status: text };
}
