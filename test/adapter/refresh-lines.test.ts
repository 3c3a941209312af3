import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PresentedRefreshToken } from '../../src/adapter/index.ts';
import { composeRefreshToken } from '../../src/adapter/refresh-token.ts';
import { createVault, type Store } from '../../src/storage/index.ts';
import { createTestClock, days } from '../support/clock.ts';
import { inMemory, openRecords, secret } from './records.ts';

const grace = 60;

const { clock, pass } = createTestClock();
let opened: ReturnType<typeof openRecords>;
let writes: string[];
beforeEach(async () => {
  const { store } = openRecords(inMemory, { clock });
  writes = [];
  opened = openRecords(inMemory, { clock, store: noting(store), refreshGrace: grace });
  await opened.connect();
});
afterEach(() => opened.close());
const begin = () => opened.beginLine('grant-of-ada');

/** Notes every call that could write. */
function noting(store: Store): Store {
  const reading = ['read', 'readMany', 'members', 'readCount', 'readFeed', 'waitForEntry', 'now', 'ping', 'close'];
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name).bind(target);
      if (!reading.includes(String(name))) writes.push(String(name));
      return method;
    },
  });
}

function nameOf(found: PresentedRefreshToken | undefined) {
  if (!found) throw new Error('the token is unknown');
  return found.name;
}
const lineOf = (token: string) => opened.store.read(opened.lines.recordsOf(token)[0] ?? '');

describe('a line of refresh tokens', () => {
  it('goes on from each to the next', async () => {
    const first = await begin();
    const second = await opened.renew(first);
    const third = await opened.renew(second);
    expect(new Set([first, second, third]).size).toBe(3);
    expect((await lineOf(third))?.progress?.generation).toBe(2);
  });

  it('answers a token that was used within the grace with the newest, and writes nothing for it but the look', async () => {
    const first = await begin();
    const second = await opened.renew(first);
    pass(grace - 1);
    const before = await lineOf(first);
    expect(await opened.renew(first)).toBe(second);
    expect(await lineOf(first)).toEqual(before);
  });

  it('ends with a token that was used longer ago than the grace, although the newest is young', async () => {
    const stolen = await begin();
    let newest = await opened.renew(stolen);
    for (let hour = 0; hour < 24; hour += 1) {
      pass(3600);
      newest = await opened.renew(newest);
    }
    expect(await opened.renew(stolen)).toBe('stale');
    expect(await opened.renew(newest)).not.toBe('stale');
  });

  it('is one of several of a connection, each with a grace of its own', async () => {
    const lines = [await begin(), await begin()] as const;
    const [one, other] = [await opened.renew(lines[0]), await opened.renew(lines[1])];
    pass(grace);
    for (const _time of [1, 2]) expect(await opened.renew(one)).not.toBe('stale');
    expect(await opened.renew(lines[0])).toBe('stale');
    expect((await lineOf(lines[1]))?.progress?.generation).toBe(1);
    expect(await opened.renew(other)).not.toBe('stale');
  });

  it('ends together with all others of its connection', async () => {
    const lines = [await begin(), await begin()];
    await opened.connections.end('grant-of-ada', 'token replayed');
    for (const token of lines) {
      expect(await opened.renew(token)).toBe('unknown');
      expect(await lineOf(token)).toBeUndefined();
    }
  });

  it('lets its connection live as long as its newest token', async () => {
    let token = await begin();
    for (let renewal = 0; renewal < 3; renewal += 1) {
      pass(days(renewal === 0 ? 1 : 30) - 1);
      token = await opened.renew(token);
      expect(token).not.toBe('unknown');
    }
    pass(days(30));
    expect(await opened.connections.find('grant-of-ada')).toBeUndefined();
  });

  it('does not grow with its renewals', async () => {
    let token = await begin();
    const renewals = async (count: number) => {
      for (let renewal = 0; renewal < count; renewal += 1) {
        pass(120);
        token = await opened.renew(token);
      }
      return JSON.stringify(await lineOf(token)).length;
    };
    const size = await renewals(40);
    expect(await renewals(3000)).toBeLessThanOrEqual(size + 4);
  });
});

describe('a refresh token', () => {
  it('is stored nowhere, and neither is what it could be presented by', async () => {
    const first = await begin();
    const second = await opened.renew(first);
    const kept = JSON.stringify(await opened.store.readMany(opened.lines.recordsOf(first)));
    for (const token of [first, second]) expect(kept).not.toContain(token.slice(-43));
  });

  it('cannot be made of a stolen database: the salt alone is not enough', async () => {
    const token = await begin();
    const found = await opened.lines.find(token);
    const guessed = createVault('another secret, which somebody guessed');
    const forged = composeRefreshToken(nameOf(found), found?.salt ?? '', guessed);
    expect(await opened.lines.find(forged)).toBeUndefined();
    expect(composeRefreshToken(nameOf(found), found?.salt ?? '', createVault(secret))).toBe(token);
  });

  it('cannot be made of a leaked secret: without the database nobody knows the salt', async () => {
    const token = await begin();
    const name = nameOf(await opened.lines.find(token));
    for (const salt of ['', 'guessed', 'A'.repeat(43)])
      expect(await opened.lines.find(composeRefreshToken(name, salt, createVault(secret)))).toBeUndefined();
  });

  it.each<[string, (token: string) => string]>([
    ['another MAC', (token) => token.slice(0, -43) + 'A'.repeat(43)],
    ['one changed character', (token) => token.slice(0, -1) + (token.endsWith('A') ? 'E' : 'A')],
    ['another generation', (token) => `${token.slice(0, -44)}1${token.slice(-43)}`],
    ['another connection', (token) => token.replace('grant-of-ada', 'grant-of-eve')],
    ['more behind it', (token) => `${token}A`],
    ['no line', () => 'grant-of-ada.guessed'],
    ['no form', () => '../../{}'],
  ])('with %s is unknown, and costs no write', async (_name, forge) => {
    await opened.connect({ id: 'grant-of-eve' });
    const token = await begin();
    writes.length = 0;
    expect(await opened.renew(forge(token))).toBe('unknown');
    expect(writes).toEqual([]);
    expect(await opened.renew(token)).not.toBe('unknown');
  });

  const another = 'a new secret of this server, long enough';
  it.each<[string, [string, ...string[]], boolean]>([
    ['renewed while that is still named', [another, secret], true],
    ['unknown once that is gone', [another], false],
  ])('made under a secret of before is %s', async (_what, secrets, isKnown) => {
    const token = await begin();
    const after = openRecords(inMemory, { store: opened.store, secrets });
    const next = await after.renew(token);
    expect(next !== 'unknown').toBe(isKnown);
    // What it makes is under the first.
    const alone = openRecords(inMemory, { store: opened.store, secrets: [secrets[0]] });
    if (isKnown) expect(await alone.renew(next)).not.toBe('unknown');
  });
});
