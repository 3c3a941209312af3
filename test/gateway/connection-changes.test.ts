import { createRevocationList, type Identity } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fresh } from '../support/shared.ts';
import { ada, type Change, change, currentList, now } from './revocation-entries.ts';

const MOST_HELD = 8;

const tokenOf = (organizationId: string, scopes: readonly string[], issuedAt: number): Identity => ({
  ...{ ...ada, organizationId, scopes: [...scopes], issuedAt },
});
const list = fresh(currentList);

describe('a connection that is changed again and again', () => {
  it('is held in a few entries, and asked about in a few look-ups, however often that was', () => {
    let reads = 0;
    const watched = (entry: Change): Change => ({
      ...entry,
      get scopes() {
        reads += 1;
        return entry.scopes;
      },
    });
    const count = 4000;
    for (let n = 0; n < count; n++) list.accept([watched(change(`org-${n}`, [`scope-${n}`], now + n))]);
    expect(list.stats().entries).toBeLessThanOrEqual(MOST_HELD);
    expect(reads).toBeLessThanOrEqual(count * 2 * MOST_HELD);
  });

  it('is held in one when it says the same each time, in whatever order it names the scopes', () => {
    const [first, other] = [change('acme', ['a', 'b']), change('acme', ['b', 'a'], now + 10)];
    list.accept([first, other, first]);
    expect(list.stats().entries).toBe(1);
    expect(list.stateOf(tokenOf('globex', [], now + 10))).toBe('revoked');
  });

  it('refuses what was issued before the older ones, whatever it says, and nothing that was issued since the last', () => {
    for (let n = 0; n < 2 * MOST_HELD; n++) list.accept([change(`org-${n}`, [], now + n)]);
    const last = now + 2 * MOST_HELD - 1;
    for (let n = 0; n < 2 * MOST_HELD; n++) {
      expect(list.stateOf(tokenOf(`org-${n}`, [], now))).toBe('revoked');
      expect(list.stateOf(tokenOf(`org-${n}`, [], last + 1))).toBe('live');
    }
    // The latest ones are still told apart by what they say.
    expect(list.stateOf(tokenOf(`org-${2 * MOST_HELD - 1}`, [], last))).toBe('live');
  });

  it('holds each change as an entry, and forgets each by itself', () => {
    list.accept([change('acme', [], now, now + 100), change('globex', [], now + 1, now + 1000)]);
    expect(list.stats().entries).toBe(2);
    list.pass(100 + 300 + 61);
    list.markCurrent();
    expect(list.stats().entries).toBe(1);
    // Only the first one was about this.
    expect(list.stateOf(tokenOf('globex', [], now))).toBe('live');
    expect(list.stateOf(tokenOf('acme', [], now))).toBe('revoked');
  });

  it('does not tire of one that is told again after it was summed up', () => {
    const entries = Array.from({ length: 3 * MOST_HELD }, (_, n) => change(`org-${n}`, [], now + n));
    list.accept(entries);
    const held = list.stats().entries;
    list.accept(entries);
    expect(list.stats().entries).toBe(held);
    expect(list.stateOf(tokenOf('org-0', [], now + 3 * MOST_HELD))).toBe('live');
  });
});

describe('whatever a connection was changed to', () => {
  const scopes = fc.subarray(['a', 'b', 'c']);
  const organization = fc.constantFrom('acme', 'globex');
  const moment = fc.integer({ min: now, max: now + 20 });
  const token = fc.tuple(organization, scopes, moment).map((values) => tokenOf(...values));
  const anyOrganization = fc.integer({ min: 0, max: 30 }).map((n) => `org-${n}`);
  const changes = (of: fc.Arbitrary<string>, maxLength: number) =>
    fc.array(
      fc.tuple(of, scopes, moment).map((values) => change(...values)),
      { maxLength },
    );
  const isEnded = ({ organizationId, scopes: said, issuedAt }: Identity, all: readonly Change[]) =>
    all.some(
      (each) =>
        issuedAt <= each.at &&
        (organizationId !== each.organizationId || said.some((scope) => !each.scopes.includes(scope))),
    );

  it('a token is refused exactly when one of the changes is against it, while they are few', () => {
    fc.assert(
      fc.property(changes(organization, MOST_HELD), token, (all, asked) => {
        const few = createRevocationList();
        few.markCurrent();
        few.accept(all);
        expect(few.stateOf(asked)).toBe(isEnded(asked, all) ? 'revoked' : 'live');
      }),
    );
  });

  it('what one of them ended never comes back, and what is newer than all of them counts', () => {
    fc.assert(
      fc.property(changes(anyOrganization, 60), token, (all, asked) => {
        const many = createRevocationList();
        many.markCurrent();
        for (const each of all) many.accept([each]);
        if (isEnded(asked, all)) expect(many.stateOf(asked)).toBe('revoked');
        expect(many.stateOf({ ...asked, issuedAt: now + 21 })).toBe('live');
        expect(many.stats().entries).toBeLessThanOrEqual(MOST_HELD);
      }),
    );
  });
});
