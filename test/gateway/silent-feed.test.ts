import { setImmediate as turn } from 'node:timers/promises';
import { type FollowedRevocations, type FollowOptions, followRevocations } from '@bkend/mcp-gateway';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fresh } from '../support/shared.ts';

const HEARTBEAT_MS = 5_000;
const longestFirstPauseMs = 250;
const current = 'event: current\ndata: {}\n\n';

/** The feed at the other end of a line that never breaks: what is asked there, and a way to say something. */
function createFeed() {
  const asked: (string | null)[] = [];
  let line: ReadableStreamDefaultController<Uint8Array> | undefined;
  return {
    asked,
    say: (text: string) => line?.enqueue(new TextEncoder().encode(text)),
    async fetch(_url: string, { headers, signal }: RequestInit) {
      asked.push(new Headers(headers).get('last-event-id'));
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          line = controller;
          signal?.addEventListener('abort', () => controller.error(signal.reason));
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    },
  };
}

// It is about timers: silence lasts as long as a test says. What is said is read in turns of the event loop, which go on.
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'hrtime'] });
});
const feed = fresh(createFeed);
const here = fresh(
  () => ({ errors: [] as string[], followed: [] as FollowedRevocations[] }),
  ({ followed }) => followed.map((each) => each.close()),
);
afterEach(() => void jest.useRealTimers());

async function follow(options: Partial<FollowOptions> = {}): Promise<FollowedRevocations> {
  const credentials = { clientId: 'the-gateway', clientSecret: 'a secret' };
  const onError = ({ message }: Error) => void here.errors.push(message);
  const parts = { issuer: 'https://api.example/mcp', fetch: feed.fetch, onError };
  const revocations = followRevocations({ ...parts, ...credentials, ...options });
  here.followed.push(revocations);
  await turn();
  return revocations;
}

/** It says something, and that is read. */
async function hear(text: string): Promise<void> {
  feed.say(text);
  await pass(0);
}

async function pass(milliseconds: number): Promise<void> {
  jest.advanceTimersByTime(milliseconds);
  // What was said is read in the turns that follow.
  for (let turns = 0; turns < 5; turns++) await turn();
}

describe('a feed that falls silent', () => {
  it('is cut and taken up again after the last entry, although its connection stands', async () => {
    const revocations = await follow();
    const entry = JSON.stringify({ kind: 'token', id: 'token-1', at: 1, until: 9_999_999_999 });
    await hear(`id: 1-0\nevent: revoked\ndata: ${entry}\n\n`);
    await pass(14_999);
    expect(here.errors).toEqual([]);
    await pass(1);
    await pass(longestFirstPauseMs);
    expect(feed.asked).toEqual([null, '1-0']);
    expect(here.errors).toEqual(['The feed of revocations was cut: it fell silent']);
    // Nobody ever said that nothing is missing.
    expect(revocations.stats()).toMatchObject({ entries: 1, isStale: true });
  });

  it.each([10, 30, 3600, 4_294_968, Number.POSITIVE_INFINITY])(
    'is noticed within a minute with a staleness of %d seconds',
    async (maxStaleness) => {
      await follow({ maxStaleness });
      await hear(current);
      await pass(60_000);
      expect(here.errors).toEqual(['The feed of revocations was cut: it fell silent']);
    },
  );
});

describe('a feed with a sign of life every five seconds', () => {
  it.each([10, 11, 25, 30, 3600, 4_294_968, 1e12, Number.POSITIVE_INFINITY])(
    'is read in one piece with a staleness of %d seconds, and never stale',
    async (maxStaleness) => {
      const revocations = await follow({ maxStaleness });
      for (let signs = 0; signs < 12; signs++) {
        await hear(current);
        expect(revocations.stats().isStale).toBe(false);
        await pass(HEARTBEAT_MS);
      }
      expect([feed.asked.length, here.errors]).toEqual([1, []]);
    },
  );

  it('survives one that is lost, with the shortest staleness', async () => {
    await follow({ maxStaleness: 10 });
    await hear(current);
    await pass(2 * HEARTBEAT_MS + 500);
    await hear(current);
    await pass(HEARTBEAT_MS);
    expect(here.errors).toEqual([]);
  });
});

it.each([9.9, 0, -1, Number.NaN])('a staleness of %d seconds is an error in the options', (maxStaleness) => {
  const options = { issuer: 'https://api.example', clientId: 'a', clientSecret: 'b', maxStaleness };
  expect(() => followRevocations(options)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
});
