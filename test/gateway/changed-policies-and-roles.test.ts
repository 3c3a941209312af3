import { parseRevocation } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { RevokedTokens } from '../../gateway/src/revoked-tokens.ts';
import { ada, now, times } from './revocation-entries.ts';

const { aud } = ada.claims;
const scopes = ['project:read'];
const served = true;
const lists = { allow: [], deny: [], except: [] };

const told = (...entries: object[]) => {
  const list = new RevokedTokens(() => now * 1000);
  list.add(entries.map((each) => ({ ...times, ...each })) as never);
  return { list, ends: (more: object = {}) => list.includes({ ...ada, ...more }) };
};
const policy = (entry: object) => ({ kind: 'policy', ...times, ...entry });

describe('a policy that changed', () => {
  it.each([
    ['its client is gone', { about: 'client', id: 'editor', served: false }],
    ['its resource is gone', { about: 'resource', resource: aud, scopes: ada.scopes, served: false }],
    ['its resource lost a scope of it', { about: 'resource', resource: aud, scopes, served }],
    ['its role lost a scope of it', { about: 'role', id: 'member', resource: aud, scopes, served }],
  ])('ends a token when %s, and no other', (_name, entry) => {
    const { list, ends } = told(policy(entry));
    const other = { clientId: 'other', organizationRole: 'other', claims: { aud: 'https://mail.example/mcp' } };
    expect([ends({ issuedAt: now }), ends({ issuedAt: now + 1 }), ends(other)]).toEqual([true, false, false]);
    if (entry.served) expect(ends({ scopes })).toBe(false);
    expect(list.size).toBe(1);
  });

  it.each<[string, object, boolean]>([
    ['https://tool.example/c.json', { served: false }, true],
    ['https://tool.example/c.json', { served: false, except: ['https://tool.example/c.json'] }, false],
    ['https://tool.example/c.json', { deny: ['tool.example'] }, true],
    ['https://tool.example./c.json', { deny: ['tool.example'] }, true],
    ['https://a.tool.example/c.json', { deny: ['*.tool.example'] }, true],
    ['https://tool.example/c.json', { allow: ['other.example'] }, true],
    ['https://tool.example/c.json', { allow: ['tool.example'] }, false],
    ['editor', { served: false }, false],
    ['dyn-1', { allow: ['other.example'] }, false],
  ])('of documents: what %s has is judged by %j', (clientId, entry, isEnded) => {
    const { ends } = told(policy({ about: 'documents', served, ...lists, ...entry }));
    expect(ends({ clientId })).toBe(isEnded);
  });

  it('is as its newest entry says, in whatever order they come, and is forgotten with it', () => {
    const taken = policy({ about: 'resource', resource: aud, scopes, served });
    const given = { ...taken, scopes: ada.scopes, at: now + 1 };
    for (const { ends } of [told(taken, given), told(given, taken)]) expect(ends({ issuedAt: now })).toBe(false);
    expect(told(given, { ...taken, at: now + 2 }).ends()).toBe(true);
    const { list } = told({ ...taken, until: now - 301 });
    list.forgetExpired();
    expect(list.size).toBe(0);
  });

  it.each([
    { about: 'client', served },
    { about: 'client', id: 'editor' },
    { about: 'resource', scopes, served },
    { about: 'resource', resource: aud, served },
    { about: 'role', resource: aud, scopes, served },
    { about: 'documents', ...lists, deny: 'all', served },
    { about: 'constructor', served },
    { about: 'something of a later version', served },
  ])('is passed over when it is not understood: %j', (entry) => {
    expect(parseRevocation(JSON.stringify(policy(entry)))).toBeUndefined();
  });
});

describe('a membership that goes on in another role', () => {
  const viewer = { kind: 'membership', accountId: 'ada', organizationId: 'acme', role: 'viewer' };
  const owner = { ...viewer, role: 'owner', at: now + 1 };

  it('ends what says the role of before, and nothing else', () => {
    const { ends } = told(viewer);
    expect(ends()).toBe(true);
    for (const other of [{ organizationRole: 'viewer' }, { organizationId: 'globex' }, { accountId: 'bob' }])
      expect([other, ends(other)]).toEqual([other, false]);
  });

  it('ends nothing that was issued later', () => expect(told(viewer).ends({ issuedAt: now })).toBe(false));

  it('is as the newest entry says, in whatever order they come', () => {
    for (const { ends } of [told(viewer, owner), told(owner, viewer)])
      expect([ends({ organizationRole: 'owner' }), ends({ organizationRole: 'viewer' })]).toEqual([false, true]);
  });

  it('is forgotten with its time, and one that makes no sense is not read', () => {
    const { list } = told({ ...viewer, until: now - 3600 });
    expect(list.size).toBe(1);
    list.forgetExpired();
    expect(list.size).toBe(0);
    expect(parseRevocation(JSON.stringify({ ...viewer, role: 7, at: 1, until: 2 }))).toBeUndefined();
  });
});
