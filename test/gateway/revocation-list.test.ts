import { createRevocationList, parseRevocation, type Revocation } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fresh } from '../support/shared.ts';
import { ada, change, connection, currentList, member, now, times, token } from './revocation-entries.ts';

const list = fresh(currentList);

describe('a list of revocations refuses', () => {
  it.each<[string, Revocation, object?]>([
    ['every token of a connection that ended', connection('connection-1')],
    ['also one that was signed afterwards', connection('connection-1'), { issuedAt: now + 5 }],
    ['the one token that was revoked', token('token-1')],
    ['a former member', member('ada', 'acme')],
    ['a disabled account, for any organization', member('ada', '*')],
    ['a token for the organization that its connection left', change('globex', ada.scopes)],
    ['a token with a permission that its connection lost', change('acme', ['project:read'])],
  ])('%s', (_name, entry, more = {}) => {
    list.accept([entry]);
    expect(list.stateOf({ ...ada, ...more })).toBe('revoked');
  });
});

describe('a list of revocations lets through', () => {
  const reading = { scopes: ['project:read'] };
  it.each<[string, Revocation, object?]>([
    ['another connection', connection('connection-2')],
    ['a connection with the id of a token', token('connection-1')],
    ['another token of the same connection', token('token-2')],
    ['another account', member('bob', 'acme')],
    ['another organization', member('ada', 'globex')],
    ['a member who came back, within the very second', member('ada', 'acme'), { issuedAt: now }],
    ['a token that says what its connection says now, whenever it was issued', change('acme', ada.scopes), reading],
    ['a token that was issued after another change', change('globex', []), { issuedAt: now + 1 }],
  ])('%s', (_name, entry, more = {}) => {
    list.accept([entry]);
    expect(list.stateOf({ ...ada, ...more })).toBe('live');
  });

  it('nothing again that it refused: not after an older entry, nor after a change back', () => {
    list.accept([change('globex', ada.scopes), change('acme', ada.scopes, now + 10)]);
    expect(list.stateOf(ada)).toBe('revoked');
    expect(list.stateOf({ ...ada, issuedAt: now + 11 })).toBe('live');

    list.accept([member('ada', 'acme')]);
    list.accept([member('ada', 'acme', { at: now - 100, until: now + 1 })]);
    expect(list.stateOf({ ...ada, connectionId: 'other' })).toBe('revoked');
  });
});

describe('a list of revocations', () => {
  it('forgets an entry when no token can be valid any more, and a margin for clocks later, not earlier', () => {
    list.accept([connection('connection-1')]);
    list.pass(3600 + 299);
    list.markCurrent();
    expect([list.stateOf(ada), list.stats().entries]).toEqual(['revoked', 1]);
    list.pass(62);
    list.markCurrent();
    expect([list.stateOf(ada), list.stats().entries]).toEqual(['live', 0]);
  });

  it('holds an entry once, however often it is told', () => {
    for (let round = 0; round < 3; round++) list.accept([connection('connection-1'), change('acme', [])]);
    expect(list.stats()).toEqual({ entries: 2, ageSeconds: 0, isStale: false });
  });

  it('knows nothing until it was current for the first time', async () => {
    const fresh = createRevocationList();
    expect(await fresh.stateOf(ada)).toBe('unknown');
    expect(fresh.stats()).toEqual({ entries: 0, ageSeconds: Number.POSITIVE_INFINITY, isStale: true });
  });

  it('knows nothing more when it was not current for too long, but what it refused it refuses', async () => {
    list.pass(30);
    expect(list.stateOf(ada)).toBe('live');
    list.pass(1);
    expect(await list.stateOf(ada)).toBe('unknown');
    list.accept([token('token-1')]);
    expect(list.stateOf(ada)).toBe('revoked');
    expect(list.stats()).toMatchObject({ ageSeconds: 31, isStale: true });
  });

  it('asks about a token then, if it was told whom', async () => {
    const asked: string[] = [];
    const whenStale = async (token: string) => (asked.push(token) ? 'live' : 'unknown');
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
    [connection('c')],
    [{ ...token('t'), reason: 'ended by the tool' }],
    [member('a', 'o')],
    [change('o', ['x'])],
  ])('is read: %j', (entry) => expect(parseRevocation(JSON.stringify(entry))).toEqual(entry));

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
  ])('is passed over when it is not understood: %s', (text) => expect(parseRevocation(text)).toBeUndefined());

  it('never breaks the list, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        list.accept([parseRevocation(JSON.stringify(value)) ?? []].flat());
        return list.stateOf(ada) === 'live';
      }),
    );
  });
});
