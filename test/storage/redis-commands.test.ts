import { describe, expect, it } from '@jest/globals';
import { createRedisStore, type RedisStore } from '../../src/storage/redis/index.ts';
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
  it.each<{ verb: string; ask: (store: RedisStore) => Promise<unknown>; commands: string[] }>([
    { verb: 'to read', ask: (s) => s.read('k'), commands: ['mget k'] },
    { verb: 'to read many', ask: (s) => s.readMany(['k', 'l']), commands: ['mget k l'] },
    { verb: 'to write', ask: (s) => s.write('k', value, 1.5), commands: [`set k ${value} PX 1500`] },
    {
      verb: 'to write, and learn what was there',
      ask: (s) => s.exchange('k', value, 1.5),
      commands: [`set k ${value} PX 1500 GET`],
    },
    { verb: 'to write for ever', ask: (s) => s.write('k', value), commands: [`set k ${value}`] },
    {
      verb: 'to write if absent',
      ask: (s) => s.writeIfAbsent('k', value, 2),
      commands: [`eval <script> 2 k answer:{k}:<nonce> ${value} 2000 10000`],
    },
    {
      verb: 'to take',
      ask: (s) => s.take({ record: 'k', nonce: 'a' }),
      commands: ['eval <script> 3 k k k a    0'],
    },
    {
      verb: 'to take with all that goes with it',
      ask: (s) => s.take({ record: 'k', nonce: 'a', along: { ...along, write: { key: 'w', value: '{}' } } }),
      commands: ['evalsha <hash> 3 k r w a {} {"n":1} {} 1500'],
    },
    {
      verb: 'to advance',
      ask: (s) => s.advance({ record: 'k', from: 1, graceSeconds: 60, ttlSeconds: 90, extend: ['l'], nonce: 'a' }),
      commands: ['eval <script> 2 k l 1 60000 90000 a 32 0 0 32'],
    },
    { verb: 'to tell the time', ask: (s) => s.now(), commands: ['time'] },
    {
      verb: 'to change',
      ask: (s) => s.compareAndSet('k', value, '{}'),
      commands: [`eval <script> 2 k answer:{k}:<nonce> ${value} {} 10000`],
    },
    {
      verb: 'to remove, however many',
      ask: (s) => s.remove(['k', 'l']),
      commands: ['eval <script> 3 answer:{k}:<nonce> k l 10000'],
    },
    { verb: 'to add a member', ask: (s) => s.addMember('i', 'm', 60), commands: ['eval <script> 1 i m 60000'] },
    { verb: 'to remove a member', ask: (s) => s.removeMember('i', 'm'), commands: ['srem i m'] },
    { verb: 'to list members', ask: (s) => s.members('i'), commands: ['smembers i'] },
    { verb: 'to look at some members', ask: (s) => s.someMembers('i', 5), commands: ['srandmember i 5'] },
    {
      verb: 'to add to a list, however many',
      ask: (s) =>
        s.enlist(
          'l',
          ['m', 'n'].map((member) => ({ member, position: 7, dueSeconds: 60 })),
          { ttlSeconds: 1 },
        ),
      commands: ['eval <script> 2 l {l}:due 1000 all [["m",7,60000],["n",7,60000]]'],
    },
    {
      verb: 'to take out of a list, however many',
      ask: (s) => s.unlist('l', ['m', 'n']),
      commands: ['eval <script> 2 l {l}:due ["m","n"]'],
    },
    {
      verb: 'to read a part of a list, and who is due',
      ask: (s) => s.readList('l', { after: { member: 'm', position: 7 }, limit: 50, dueLimit: 9 }),
      commands: ['eval <script> 2 l {l}:due 0 7 m 50 9'],
    },
    { verb: 'to count', ask: (s) => s.count('c', 60), commands: ['eval <script> 2 c answer:{c}:<nonce> 60000 10000'] },
    { verb: 'to read a count', ask: (s) => s.readCount('c'), commands: ['eval <script> 1 c'] },
    {
      verb: 'a key to extend',
      ask: (s) => s.extend(['k', 'l'], 60),
      commands: ['pexpire k 60000 GT', 'pexpire l 60000 GT'],
    },
    { verb: 'to discard, however many', ask: (s) => s.discard(['k', 'l']), commands: ['del k l'] },
    { verb: 'less to remove nothing', ask: (s) => s.remove([]), commands: [] },
    { verb: 'less to discard nothing', ask: (s) => s.discard([]), commands: [] },
    { verb: 'less to extend by nothing', ask: (s) => s.extend(['k'], 0), commands: [] },
  ])('$verb', async ({ ask, commands }) => {
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

  it('and the hash of a script in place of its text from the second time on', async () => {
    await store.count('again', 1);
    expect(await monitor.commandsOf(() => store.count('again', 1))).toEqual([
      expect.stringMatching(/^evalsha [0-9a-f]{40} 2 again \S+ 1000 10000$/),
    ]);
  });
});
