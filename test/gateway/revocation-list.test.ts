import {
  createRevocationList,
  type Identity,
  parseRevocation,
  type Revocation,
  type RevocationList,
} from '@bkend/mcp-gateway';
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTestClock, type TestClock } from '../support/clock.ts';

const now = Date.parse('2026-08-01T12:00:00Z') / 1000;
const times = { at: now, until: now + 3600 };
const ada = {
  token: 'a token',
  tokenId: 'token-1',
  connectionId: 'connection-1',
  accountId: 'ada',
  organizationId: 'acme',
  scopes: ['project:read', 'project:create'],
  issuedAt: now - 60,
} as unknown as Identity;

let time: TestClock;
let list: RevocationList;
beforeEach(() => {
  time = createTestClock(now * 1000);
  list = createRevocationList({ now: time.clock.now });
  list.markCurrent();
});

describe('a list of revocations refuses', () => {
  it.each<[string, Revocation, object]>([
    ['every token of a connection that ended', { kind: 'connection', id: 'connection-1', ...times }, {}],
    [
      'also one that was signed afterwards',
      { kind: 'connection', id: 'connection-1', ...times },
      { issuedAt: now + 5 },
    ],
    ['the one token that was revoked', { kind: 'token', id: 'token-1', ...times }, {}],
    ['a former member', { kind: 'membership', accountId: 'ada', organizationId: 'acme', ...times }, {}],
    [
      'a disabled account, for any organization',
      { kind: 'membership', accountId: 'ada', organizationId: '*', ...times },
      {},
    ],
    [
      'a token for the organization that its connection left',
      {
        kind: 'change',
        id: 'connection-1',
        organizationId: 'globex',
        scopes: ['project:read', 'project:create'],
        ...times,
      },
      {},
    ],
    [
      'a token with a permission that its connection lost',
      { kind: 'change', id: 'connection-1', organizationId: 'acme', scopes: ['project:read'], ...times },
      {},
    ],
  ])('%s', (_name, entry, more) => {
    list.accept([entry]);
    expect(list.stateOf({ ...ada, ...more })).toBe('revoked');
  });
});

describe('a list of revocations lets through', () => {
  it.each<[string, Revocation, object]>([
    ['another connection', { kind: 'connection', id: 'connection-2', ...times }, {}],
    ['a connection with the id of a token', { kind: 'token', id: 'connection-1', ...times }, {}],
    ['another token of the same connection', { kind: 'token', id: 'token-2', ...times }, {}],
    ['another account', { kind: 'membership', accountId: 'bob', organizationId: 'acme', ...times }, {}],
    ['another organization', { kind: 'membership', accountId: 'ada', organizationId: 'globex', ...times }, {}],
    [
      'a member who came back, within the very second',
      { kind: 'membership', accountId: 'ada', organizationId: 'acme', ...times },
      { issuedAt: now },
    ],
    [
      'a token that says what its connection says now, whenever it was issued',
      {
        kind: 'change',
        id: 'connection-1',
        organizationId: 'acme',
        scopes: ['project:read', 'project:create'],
        ...times,
      },
      { scopes: ['project:read'] },
    ],
    [
      'a token that was issued after another change',
      { kind: 'change', id: 'connection-1', organizationId: 'globex', scopes: [], ...times },
      { issuedAt: now + 1 },
    ],
  ])('%s', (_name, entry, more) => {
    list.accept([entry]);
    expect(list.stateOf({ ...ada, ...more })).toBe('live');
  });

  it('nothing again that it refused: not after an older entry, nor after a change back', () => {
    const to = (organizationId: string, at: number) =>
      ({ kind: 'change', id: 'connection-1', organizationId, scopes: ada.scopes, at, until: at + 3600 }) as const;
    list.accept([to('globex', now), to('acme', now + 10)]);
    expect(list.stateOf(ada)).toBe('revoked');
    expect(list.stateOf({ ...ada, issuedAt: now + 11 })).toBe('live');

    list.accept([{ kind: 'membership', accountId: 'ada', organizationId: 'acme', ...times }]);
    list.accept([{ kind: 'membership', accountId: 'ada', organizationId: 'acme', at: now - 100, until: now + 1 }]);
    expect(list.stateOf({ ...ada, connectionId: 'other' })).toBe('revoked');
  });
});

describe('a list of revocations', () => {
  it('forgets an entry when no token can be valid any more, and a margin for clocks later, not earlier', () => {
    list.accept([{ kind: 'connection', id: 'connection-1', ...times }]);
    time.pass(3600 + 299);
    list.markCurrent();
    expect([list.stateOf(ada), list.stats().entries]).toEqual(['revoked', 1]);
    time.pass(62);
    list.markCurrent();
    expect([list.stateOf(ada), list.stats().entries]).toEqual(['live', 0]);
  });

  it('holds an entry once, however often it is told', () => {
    const change = { kind: 'change', id: 'c', organizationId: 'acme', scopes: [], ...times } as const;
    for (let round = 0; round < 3; round++) list.accept([{ kind: 'connection', id: 'connection-1', ...times }, change]);
    expect(list.stats()).toEqual({ entries: 2, ageSeconds: 0, isStale: false });
  });

  it('knows nothing until it was current for the first time', async () => {
    const fresh = createRevocationList();
    expect(await fresh.stateOf(ada)).toBe('unknown');
    expect(fresh.stats()).toEqual({ entries: 0, ageSeconds: Number.POSITIVE_INFINITY, isStale: true });
  });

  it('knows nothing more when it was not current for too long, but what it refused it refuses', async () => {
    time.pass(30);
    expect(list.stateOf(ada)).toBe('live');
    time.pass(1);
    expect(await list.stateOf(ada)).toBe('unknown');
    list.accept([{ kind: 'token', id: 'token-1', ...times }]);
    expect(list.stateOf(ada)).toBe('revoked');
    expect(list.stats()).toMatchObject({ ageSeconds: 31, isStale: true });
  });

  it('asks about a token then, if it was told whom', async () => {
    const asked: string[] = [];
    const whenStale = async (token: string) => {
      asked.push(token);
      return 'live' as const;
    };
    const asking = createRevocationList({ whenStale });
    expect(await asking.stateOf(ada)).toBe('live');
    asking.markCurrent();
    expect(asking.stateOf(ada)).toBe('live');
    expect(asked).toEqual(['a token']);
  });

  it.each([9, 0, -1, Number.NaN])('refuses a staleness of %d seconds, less than two signs of life', (maxStaleness) => {
    expect(() => createRevocationList({ maxStaleness })).toThrow('maxStaleness');
  });
});

describe('an entry of the feed', () => {
  it.each([
    [{ kind: 'connection', id: 'c', ...times }],
    [{ kind: 'token', id: 't', ...times, reason: 'ended by the tool' }],
    [{ kind: 'membership', accountId: 'a', organizationId: 'o', ...times }],
    [{ kind: 'change', id: 'c', organizationId: 'o', scopes: ['x'], ...times }],
  ])('is read: %j', (entry) => {
    expect(parseRevocation(JSON.stringify(entry))).toEqual(entry);
  });

  it.each([
    '',
    'null',
    '[]',
    '{"kind":"connection"',
    JSON.stringify({ kind: 'connection', ...times }),
    JSON.stringify({ kind: 'connection', id: 7, ...times }),
    JSON.stringify({ kind: 'connection', id: 'c', at: now }),
    JSON.stringify({ kind: 'membership', accountId: 'a', ...times }),
    JSON.stringify({ kind: 'change', id: 'c', organizationId: 'o', ...times }),
    JSON.stringify({ kind: 'toString', id: 'c', ...times }),
    JSON.stringify({ kind: 'something of next year', id: 'c', ...times }),
  ])('is passed over when it is not understood: %s', (text) => {
    expect(parseRevocation(text)).toBeUndefined();
  });

  it('never breaks the list, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        list.accept([parseRevocation(JSON.stringify(value)) ?? []].flat());
        return list.stateOf(ada) === 'live';
      }),
    );
  });
});
