import type { Store } from '../../src/storage/store.ts';

const anAdvance = { record: 'a', from: 0, graceSeconds: 1, ttlSeconds: 1, extend: [], nonce: 'a' } as const;

/** Each verb of the port once. */
export const everyVerb = {
  read: (store: Store) => store.read('k'),
  write: (store: Store) => store.write('k', '{}', 60),
  writeIfAbsent: (store: Store) => store.writeIfAbsent('k', '{}', 60),
  compareAndSet: (store: Store) => store.compareAndSet('k', '{}', '{}'),
  take: (store: Store) => store.take({ record: 'k', nonce: 'a' }),
  advance: (store: Store) => store.advance(anAdvance),
  extend: (store: Store) => store.extend(['k', 'l'], 60),
  remove: (store: Store) => store.remove(['k', 'l']),
  addMember: (store: Store) => store.addMember('i', 'm', 60),
  removeMember: (store: Store) => store.removeMember('i', 'm'),
  members: (store: Store) => store.members('i'),
  someMembers: (store: Store) => store.someMembers('i', 1),
  enlist: (store: Store) => store.enlist('l', [{ member: 'm', position: 1, dueSeconds: 1 }], { ttlSeconds: 60 }),
  unlist: (store: Store) => store.unlist('l', ['m']),
  readList: (store: Store) => store.readList('l', { limit: 1 }),
  count: (store: Store) => store.count('c', 60),
  readCount: (store: Store) => store.readCount('c'),
  now: (store: Store) => store.now(),
  ping: (store: Store) => store.ping(),
} satisfies Partial<Record<keyof Store, (store: Store) => Promise<unknown>>>;
