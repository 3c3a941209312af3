import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { asOneRequest, pauseRequest } from '../../src/storage/index.ts';
import { createRedisStore, type RedisStore } from '../../src/storage/redis/index.ts';
import { scripts } from '../../src/storage/redis/scripts.ts';
import { startRedis } from '../support/redis.ts';
import { monitorRedis } from '../support/redis-monitor.ts';
import { shared } from '../support/shared.ts';

describe('the Redis store sends one command', () => {
  const server = shared(startRedis);
  const store = shared(() => createRedisStore({ connection: { kind: 'single', url: server.url } }));
  const monitor = shared(
    async () => {
      await store.ping();
      return await monitorRedis(server.url, () => false);
    },
    (it) => it.close(),
  );

  const value = '{"n":1}';
  const along = { replace: { key: 'r', expected: '{}', value }, ttlSeconds: 1.5 };
  const members = ['m', 'n'].map((member) => ({ member, position: 7, dueSeconds: 60 }));
  const after = { member: 'm', position: 7 };
  const advance = { record: 'k', from: 1, graceSeconds: 60, ttlSeconds: 90, extend: ['l'], nonce: 'a' } as const;
  it.each<[verb: string, ask: (store: RedisStore) => Promise<unknown>, ...commands: string[]]>([
    ['to read', (s) => s.read('k'), 'mget k'],
    ['to read many', (s) => s.readMany(['k', 'l']), 'mget k l'],
    ['to write', (s) => s.write('k', value, 1.5), `set k ${value} PX 1500`],
    ['to write, and learn what was there', (s) => s.exchange('k', value, 1.5), `set k ${value} PX 1500 GET`],
    ['to write for ever', (s) => s.write('k', value), `set k ${value}`],
    [
      'to write if absent',
      (s) => s.writeIfAbsent('k', value, 2),
      `eval <script> 2 k answer:{k}:<nonce> ${value} 2000 10000`,
    ],
    ['to take', (s) => s.take({ record: 'k', nonce: 'a' }), 'eval <script> 3 k k k a    0'],
    [
      'to take with all that goes with it',
      (s) => s.take({ record: 'k', nonce: 'a', along: { ...along, write: { key: 'w', value: '{}' } } }),
      'evalsha <hash> 3 k r w a {} {"n":1} {} 1500',
    ],
    ['to advance', (s) => s.advance(advance), 'eval <script> 2 k l 1 60000 90000 a 32 0 0 32'],
    ['to tell the time', (s) => s.now(), 'time'],
    ['to change', (s) => s.compareAndSet('k', value, '{}'), `eval <script> 2 k answer:{k}:<nonce> ${value} {} 10000`],
    ['to remove, however many', (s) => s.remove(['k', 'l']), 'eval <script> 3 answer:{k}:<nonce> k l 10000'],
    ['to discard, however many', (s) => s.discard(['k', 'l']), 'del k l'],
    ['to add a member', (s) => s.addMember('i', 'm', 60), 'eval <script> 1 i add m 60000'],
    ['to remove a member', (s) => s.removeMember('i', 'm'), 'srem i m'],
    ['to list members', (s) => s.members('i'), 'smembers i'],
    ['to look at some members', (s) => s.someMembers('i', 5), 'srandmember i 5'],
    [
      'to add to a list, however many',
      (s) => s.enlist('l', members, { ttlSeconds: 1 }),
      'eval <script> 2 l {l}:due 1000 all [["m",7,60000],["n",7,60000]]',
    ],
    ['to take out of a list, however many', (s) => s.unlist('l', ['m', 'n']), 'eval <script> 2 l {l}:due ["m","n"]'],
    [
      'to read a part of a list, and who is due',
      (s) => s.readList('l', { after, limit: 50, dueLimit: 9 }),
      'eval <script> 2 l {l}:due 0 7 m 50 9',
    ],
    ['to count', (s) => s.count('c', 60), 'eval <script> 2 c answer:{c}:<nonce> 60000 10000'],
    ['to read a count', (s) => s.readCount('c'), 'eval <script> 1 c'],
    ['to extend', (s) => s.extend(['k'], 60), 'pexpire k 60000 GT'],
    ['to extend more', (s) => s.extend(['k', 'l'], 60), 'evalsha <hash> 2 k l extend  60000 extend  60000'],
    ['less to remove nothing', (s) => s.remove([])],
    ['less to discard nothing', (s) => s.discard([])],
    ['less to extend by nothing', (s) => s.extend(['k'], 0)],
  ])('%s', async (_verb, ask, ...commands) => {
    const sent = await monitor.commandsOf(() => ask(store));
    const named = (command: string) =>
      command.replace(/\b[0-9a-f]{40}\b/, '<hash>').replace(/(answer:\S+:)[\w-]+/, '$1<nonce>');
    expect(sent.map(named)).toEqual(commands);
  });

  it('for whatever several callers read in one turn, and answers each with its own (bounded in length)', async () => {
    await Promise.all(['a', 'b', 'c'].map((key) => store.write(key, `{"key":"${key}"}`)));
    const ask = () => Promise.all([store.readMany(['a', 'none']), store.read('b'), store.readMany(['b', 'c'])]);
    expect(await monitor.commandsOf(ask)).toEqual(['mget a none b b c']);
    expect(await ask()).toEqual([
      [{ value: '{"key":"a"}' }, undefined],
      { value: '{"key":"b"}' },
      [{ value: '{"key":"b"}' }, { value: '{"key":"c"}' }],
    ]);

    const many = Array.from({ length: 300 }, (_, index) => `many-${index}`);
    const commands = await monitor.commandsOf(() => Promise.all([store.readMany(many), store.readMany(many)]));
    expect(commands.map((command) => command.split(' ').length - 1)).toEqual([300, 300]);
  });

  it('for whatever several callers write, exchange, add, extend and discard in one turn, in their order, before what is read in it', async () => {
    await store.write('gone', '{}');
    const ask = () =>
      Promise.all([
        store.readMany(['a', 'b', 'gone', 'brief']),
        store.write('a', '{"n":1}', 1.5),
        store.discard(['gone', '{never}']),
        store.write('b', '{"n":1}'),
        store.write('a', '{"n":2}', 90),
        store.exchange('a', '{"n":3}', 90),
        store.addMember('some', 'm', 60),
        store.extend(['a', 'some'], 95),
        store.exchange('brief', '{}', 60),
        store.write('brief', '{}', 0),
      ]);
    const [read, ...written] = await ask();
    expect(read).toEqual([{ value: '{"n":3}' }, { value: '{"n":1}' }, undefined, undefined]);
    const [nothing, before] = [undefined, { value: '{"n":2}' }];
    expect(written).toEqual([...Array(4).fill(nothing), before, ...Array(4).fill(nothing)]);
    const keys = 'a gone {never} b a a some a some brief brief';
    const changes = [
      ...['set {"n":1} 1500', 'remove  0', 'remove  0', 'set {"n":1} 0', 'set {"n":2} 90000'],
      ...['exchange {"n":3} 90000', 'add m 60000', 'extend  95000', 'extend  95000', 'exchange {} 60000', 'remove  0'],
    ];
    expect((await monitor.commandsOf(ask)).map((command) => command.replace(/\b[0-9a-f]{40}\b/, '<hash>'))).toEqual([
      `evalsha <hash> 11 ${keys} ${changes.join(' ')}`,
      'mget a b gone brief',
    ]);
    const observer = new Redis(server.url);
    const lifetimes = await Promise.all(['a', 'some', 'b'].map((key) => observer.pttl(key)));
    expect(lifetimes.map((ms) => (ms > 90_000 ? 'extended' : ms))).toEqual(['extended', 'extended', -1]);
    observer.disconnect();

    const many = Array.from({ length: 450 }, (_, index) => `many-${index}`);
    const commands = await monitor.commandsOf(() => Promise.all(many.map((key) => store.discard([key]))));
    expect(commands.map((command) => command.split(' ').length - 1)).toEqual([200, 200, 50]);
  });

  it('for each write of a request that is short of patience: none is done later than it is told', async () => {
    const ask = () =>
      asOneRequest(async () => {
        await pauseRequest(1);
        await Promise.all([store.write('a', '{}', 60), store.write('b', '{}'), store.discard(['c', 'd'])]);
      });
    expect(await monitor.commandsOf(ask)).toEqual(['set a {} PX 60000', 'set b {}', 'del c d']);
  });

  it('and the hash of a script in place of its text from the second time on', async () => {
    await store.count('again', 1);
    expect(await monitor.commandsOf(() => store.count('again', 1))).toEqual([
      expect.stringMatching(/^evalsha [0-9a-f]{40} 2 again \S+ 1000 10000$/),
    ]);
  });
});

const folder = new URL('../../src/storage/redis/scripts/', import.meta.url);

describe('every Redis script', () => {
  it('is in use', () => {
    expect(readdirSync(folder).sort()).toEqual(scripts.map(({ file }) => file).sort());
  });

  describe.each(scripts)('$name', ({ name, file, lua, numberOfKeys }) => {
    const [header = '', body = ''] = lua.split(']]\n', 2);

    it('opens with its contract, in the file of its name', () => {
      expect(header).toMatch(new RegExp(`^--\\[\\[ ${name}: .+\\.\\n`));
      expect(header).toMatch(/\n {5}returns \S/);
      expect(header).toMatch(/\n {5}Why a script: /);
      expect(file).toBe(`${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.lua`);
    });

    it('uses the keys and arguments that it documents, all of them and no others', () => {
      expect(placesIn(body)).toEqual(placesIn(header));
    });

    it('is told as many keys as it documents', () => {
      expect(placesIn(header).filter((place) => place.startsWith('KEYS'))).toHaveLength(numberOfKeys);
    });

    it('fits on a screen', () => {
      expect(lua.split('\n').length).toBeLessThanOrEqual(60);
    });
  });
});

function placesIn(text: string): string[] {
  return [...new Set(text.match(/(?:KEYS|ARGV)\[\d+\]/g))].sort();
}
