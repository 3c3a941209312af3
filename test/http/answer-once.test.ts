import { describe, expect, it } from '@jest/globals';
import { allKept } from '../../src/storage/index.ts';
import { shared } from '../support/shared.ts';
import { done, instead, pass, startNode, store } from './answering-node.ts';

const nodes = [shared(() => startNode()), shared(() => startNode())] as const;

let showings = 0;
function show() {
  showings += 1;
  return { csrf: String(showings).padEnd(43, '-'), name: 'x' };
}
async function send(path: string, fields: Record<string, string>, { cookie = 'session=s0', node = 0 as 0 | 1 } = {}) {
  const body = new URLSearchParams(fields);
  const init = { method: 'POST', body, headers: { Cookie: cookie }, redirect: 'manual' as const };
  return answerOf(await fetch(`${nodes[node].origin}${path}`, init));
}
async function visit(path: string, cookie: string) {
  const headers: Record<string, string> = cookie ? { Cookie: cookie } : {};
  return answerOf(await fetch(`${nodes[0].origin}${path}`, { headers, redirect: 'manual' }));
}
async function answerOf(response: Response) {
  const { status, headers } = response;
  const kept = ['location', 'set-cookie', 'x-note', 'content-type'].map((name) => headers.get(name));
  return { status, kept, body: await response.text() };
}

/** How often anything was done while this was sent. */
async function timesDone(sends: () => Promise<unknown>): Promise<number> {
  const before = done.length;
  await sends();
  return done.length - before;
}
/** The same from both nodes in turn. */
const atOnce = (count: number, path: string, form: Record<string, string>) =>
  Promise.all(Array.from({ length: count }, (_, n) => send(path, form, { node: n % 2 === 0 ? 0 : 1 })));

describe('a form that is sent again', () => {
  it.each(['/page', '/onwards'])('is answered alike, on another node, too, and done once: %s', async (path) => {
    const before = done.length;
    const answers = await atOnce(10, path, show());
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.status).toBeLessThan(400);
    expect(done.length - before).toBe(1);
  });

  it.each([
    ['was on another showing of its page', '/page', show, {}],
    ['says something else', '/page', (form: object) => ({ ...form, name: 'y' }), {}],
    ['goes elsewhere', '/onwards', (form: object) => form, {}],
    ['is of another session', '/page', (form: object) => form, { cookie: 'session=s9' }],
    ['is of another browser', '/page', (form: object) => form, { cookie: 'session=s0; browser=other' }],
    ['is of a browser that has signed out', '/page', (form: object) => form, { cookie: 'browser=same' }],
    ['is of nobody who can be told from others', '/page', (form: object) => form, { cookie: 'language=ko' }],
  ])('is another one where it %s', async (_where, path, change, how) => {
    const form = show();
    await send('/page', form);
    expect(await timesDone(() => send(path, change(form) as never, how))).toBe(1);
  });

  it('is another one where something else was sent from the same showing meanwhile', async () => {
    const form = show();
    const sends = async () => {
      for (const name of ['one', 'two', 'one', 'one']) await send('/page', { ...form, name });
    };
    expect(await timesDone(sends)).toBe(3);
  });

  it('is the same in the session that it began, and another one in the session after that', async () => {
    const form = show();
    const [, session = ''] = (await send('/onwards', form)).kept;
    const sends = async () =>
      expect((await send('/onwards', form, { cookie: session?.split(';')[0] ?? '' })).kept[1]).toBe(session);
    expect(await timesDone(sends)).toBe(0);
    expect(await timesDone(() => send('/onwards', form, { cookie: 'session=another' }))).toBe(1);
  });

  it.each(['/wrong', '/broken'])('is tried again where it came to nothing: %s', async (path) => {
    const before = done.length;
    const [answer] = await atOnce(2, path, show());
    expect([answer?.status, done.length - before]).toEqual([path === '/wrong' ? 422 : 503, 2]);
  });

  it('is done each time where nothing says which showing it was on', async () => {
    const sends = () => Promise.all(['value', 'value', ''].map((csrf) => send('/page', { csrf })));
    expect(await timesDone(sends)).toBe(3);
  });

  it('is the same whatever else the browser sends: cookies of others, and another language', async () => {
    const form = show();
    await send('/page', form, { cookie: 'session=s0; browser=b' });
    const theirs = { cookie: 'theirs=1; browser=b; language=ko; session=s0' };
    expect(await timesDone(() => send('/page', form, theirs))).toBe(0);
  });

  it('is done anew after a while', async () => {
    const form = show();
    await send('/page', form);
    pass(16);
    expect(await timesDone(() => send('/page', form))).toBe(1);
  });

  it('waits for one that is under way on a node which ends, no longer than that can take', async () => {
    const form = show();
    const { read } = store;
    {
      // The answer is never written, as if the node had been killed.
      using _killed = instead({ write: async () => undefined });
      await send('/page', form);
    }
    const looks: string[] = [];
    using _looking = instead({
      read(key) {
        looks.push(key);
        // By the second look the claim is over.
        if (looks.length === 2) pass(16);
        return read.call(store, key);
      },
    });
    const times = await timesDone(async () => expect((await send('/page', form)).status).toBe(200));
    expect([times, looks.length]).toEqual([1, 2]);
  });

  it('is done by one of those that wait, where the first came to nothing', async () => {
    const answers = await atOnce(6, '/once-broken', show());
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 503]);
    expect(done.filter((path) => path === '/once-broken')).toHaveLength(2);
  });

  it('knows its own claim again where the store was asked twice, because the first answer was lost', async () => {
    const { exchange, read } = store;
    let looks = 0;
    using _lossy = instead({
      async exchange(...given) {
        await exchange.apply(store, given);
        return exchange.apply(store, given);
      },
      read(key) {
        looks += 1;
        return read.call(store, key);
      },
    });
    const times = await timesDone(async () => expect((await send('/page', show())).status).toBe(200));
    // It would wait for itself.
    expect([times, looks]).toEqual([1, 0]);
  });

  it('takes one of so many places in the store, however many are sent, and none without a cookie or for a large answer', async () => {
    const taken: string[] = [];
    const kept: string[] = [];
    const { exchange, read, write } = store;
    // All of them in one.
    const place = 'test:once-answered:{0}';
    using _small = instead({
      exchange(key, value) {
        taken.push(key);
        return exchange.call(store, place, value, 30);
      },
      write(_key, value) {
        kept.push(value);
        return write.call(store, place, value, 30);
      },
      read: () => read.call(store, place),
    });
    const [first, second, third] = [show(), show(), show()];
    const times = await timesDone(async () => {
      // The first is pushed out: done again, as if nothing were known of it.
      for (const form of [first, second, third, third, first]) expect((await send('/page', form)).status).toBe(200);
    });
    expect(times).toBe(4);
    expect(taken.every((key) => Number(/\{(\d+)\}$/.exec(key)?.[1]) < 16_384)).toBe(true);
    taken.length = 0;
    await send('/page', show(), { cookie: '' });
    expect(taken).toEqual([]);
    kept.length = 0;
    await send('/large', show());
    expect(kept.at(-1)).toBe('{}');
  });

  it('leaves nothing that can be read in the store', async () => {
    const written: string[] = [];
    const { exchange, write } = store;
    using _recorded = instead({
      exchange(key, value, ttl) {
        written.push(key, value);
        return exchange.call(store, key, value, ttl);
      },
      write(key, value, ttl) {
        written.push(key, value);
        return write.call(store, key, value, ttl);
      },
    });
    await send('/onwards', show(), { cookie: 'session=s-secret' });
    expect(written).toHaveLength(4);
    expect(written.join(' ')).not.toMatch(/session|next|secret|----/);
  });
});

it('an answer of which something is not kept is none, and is made again', async () => {
  const told: string[] = [];
  const { write } = store;
  using _watched = instead({
    async write(...given) {
      told.push(given[1].includes('sealed') ? 'an answer' : 'none');
      return write.apply(store, given);
    },
  });
  const form = show();
  const answers = [await send('/once-not-kept', form), await send('/once-not-kept', form)];
  expect(answers.map(({ status }) => status)).toEqual([500, 200]);
  expect(told).toEqual(['none', 'an answer']);
});

it('another form from the same place waits for the one that is under way, and is answered then', async () => {
  const under = Promise.withResolvers<void>();
  let isFirst = true;
  let claims = 0;
  const { exchange } = store;
  using _counted = instead({
    exchange(...given) {
      claims += 1;
      return exchange.apply(store, given);
    },
  });
  await using node = await startNode({
    async allKept() {
      if (isFirst) {
        isFirst = false;
        await under.promise;
      }
      await allKept();
    },
  });
  const form = show();
  const ask = (name: string) => {
    const body = new URLSearchParams({ ...form, name });
    return fetch(`${node.origin}/page`, { method: 'POST', body, headers: { Cookie: 'session=s0' } });
  };
  const before = done.length;
  const first = ask('one');
  while (done.length === before) await new Promise(setImmediate);
  const second = ask('other');
  // It has come, and looks whether it may go on.
  while (claims === 1) await new Promise(setImmediate);
  expect(done.length - before).toBe(1);
  under.resolve();
  expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([200, 200]);
  expect(done.length - before).toBe(2);
});

describe('a step that is taken again', () => {
  it('leads to the same place while the browser has the same cookies, and is taken anew without any', async () => {
    const first = await visit('/onwards', 'session=a');
    const again = async () => expect(await visit('/onwards', 'session=a')).toEqual(first);
    expect(await timesDone(again)).toBe(0);
    const others = () => Promise.all(['session=b', '', ''].map((cookie) => visit('/onwards', cookie)));
    expect(await timesDone(others)).toBe(3);
  });

  it('is the same page where it is one', async () => {
    const first = await visit('/page', 'session=a');
    const again = async () => expect(await visit('/page', 'session=a')).toEqual(first);
    expect(await timesDone(again)).toBe(0);
  });
});
