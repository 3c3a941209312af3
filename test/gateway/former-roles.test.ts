import { parseRevocation } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { RevokedTokens } from '../../gateway/src/revoked-tokens.ts';

const now = Math.floor(Date.now() / 1000);
const token = {
  tokenId: 't',
  connectionId: 'c',
  accountId: 'ada',
  organizationId: 'acme',
  organizationRole: 'member',
  scopes: [],
  issuedAt: now,
};
const entry = { kind: 'membership', accountId: 'ada', organizationId: 'acme', role: 'viewer' } as const;
const told = (...entries: object[]) => {
  const list = new RevokedTokens();
  list.add(entries.map((each) => ({ ...entry, at: now + 5, until: now + 3600, ...each })) as never);
  return list;
};

describe('a membership that goes on in another role', () => {
  it('ends what says the role of before, and nothing else', () => {
    const list = told({});
    expect(list.includes(token)).toBe(true);
    expect(list.includes({ ...token, organizationRole: 'viewer' })).toBe(false);
    expect(list.includes({ ...token, organizationId: 'globex' })).toBe(false);
    expect(list.includes({ ...token, accountId: 'bob' })).toBe(false);
  });

  it('ends nothing that was issued later', () => {
    expect(told({}).includes({ ...token, issuedAt: now + 5 })).toBe(false);
  });

  it('is as the newest entry says, in whatever order they come', () => {
    for (const list of [told({}, { role: 'owner', at: now + 6 }), told({ role: 'owner', at: now + 6 }, {})]) {
      expect(list.includes({ ...token, organizationRole: 'owner' })).toBe(false);
      expect(list.includes({ ...token, organizationRole: 'viewer' })).toBe(true);
    }
  });

  it('is forgotten with its time, and one that makes no sense is not read', () => {
    const list = told({ until: now - 3600 });
    expect(list.size).toBe(1);
    list.forgetExpired();
    expect(list.size).toBe(0);
    expect(parseRevocation(JSON.stringify({ ...entry, role: 7, at: 1, until: 2 }))).toBeUndefined();
  });
});
