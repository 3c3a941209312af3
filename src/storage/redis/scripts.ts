import { readFileSync } from 'node:fs';
import type { RedisClient } from './redis-client.ts';

/** Each script is one file whose header is its contract; the keys of one share a hash tag, so that a cluster can run it. */
const files = {
  take: 'take.lua',
  advance: 'advance.lua',
  writeIfAbsent: 'write-if-absent.lua',
  compareAndSet: 'compare-and-set.lua',
  writeMany: 'write-many.lua',
  remove: 'remove.lua',
  enlist: 'enlist.lua',
  unlist: 'unlist.lua',
  readList: 'read-list.lua',
  count: 'count.lua',
  readCount: 'read-count.lua',
  append: 'append.lua',
  readFeed: 'read-feed.lua',
} as const;

const keysOf: Readonly<Record<string, number>> = {
  ...{ take: 3, advance: 2, writeIfAbsent: 2, compareAndSet: 2, count: 2 },
  ...{ enlist: 2, unlist: 2, readList: 2 },
};
/** Are told with each call how many keys there are. */
const variadic = ['remove', 'writeMany'];

export const scripts = Object.entries(files).map(([name, file]) => ({
  name,
  file,
  lua: readFileSync(new URL(`./scripts/${file}`, import.meta.url), 'utf8'),
  numberOfKeys: keysOf[name] ?? 1,
}));

type ListKeys = [byPosition: string, byDue: string];

/** Times and lifetimes as the headers of the scripts say. */
export interface Scripts {
  take(
    ...keysAndArguments: [
      ...keys: [record: string, replaced: string, written: string],
      nonce: string,
      expected: string,
      replacement: string,
      text: string,
      ttlMs: number,
    ]
  ): Promise<'taken' | 'gone' | 'changed' | number>;
  advance(
    ...keysAndArguments: [
      ...keys: [record: string, extended: string],
      held: number,
      graceMs: number,
      ttlMs: number,
      nonce: string,
      remembered: number,
      limit: number,
      windowMs: number,
      cost: number,
    ]
  ): Promise<number | 'stale' | 'gone' | [msLeft: number]>;
  writeIfAbsent(key: string, answer: string, value: string, ttlMs: number, answerMs: number): Promise<0 | 1>;
  compareAndSet(key: string, answer: string, expected: string, value: string, answerMs: number): Promise<0 | 1>;
  writeMany(numberOfKeys: number, ...keysAndArguments: (string | number)[]): Promise<(string | null)[]>;
  remove(
    numberOfKeys: number,
    ...keysAndArgument: [answer: string, ...keys: string[], answerMs: number]
  ): Promise<number>;
  enlist(...keysAndArguments: [...ListKeys, ttlMs: number, which: 'there' | 'all', entries: string]): Promise<null>;
  unlist(...keysAndArguments: [...ListKeys, members: string]): Promise<null>;
  readList(
    ...keysAndArguments: [
      ...keys: ListKeys,
      from: number,
      afterPosition: number | '',
      afterMember: string,
      limit: number,
      dueLimit: number,
    ]
  ): Promise<[count: number, membersAndPositions: string[], dueCount: number, due: string[]]>;
  count(counter: string, answer: string, windowMs: number, answerMs: number): Promise<[count: number, msLeft: number]>;
  readCount(counter: string): Promise<[count: number, msLeft: number]>;
  append(feed: string, entry: string, ttlMs: number): Promise<string>;
  readFeed(
    feed: string,
    after: string,
    limit: number,
  ): Promise<[cursor: string, fields: [name: string, entry: string]][]>;
}

/** The client sends a script's text once per connection, afterwards its hash only. */
export function defineScripts(client: RedisClient): Scripts {
  for (const { name, lua, numberOfKeys } of scripts)
    client.defineCommand(name, { lua, ...(!variadic.includes(name) && { numberOfKeys }) });
  return client as unknown as Scripts;
}
