import { parseRevocation } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { RevokedTokens } from '../../gateway/src/revoked-tokens.ts';

const now = Math.floor(Date.now() / 1000);
const aud = 'https://files.example/mcp';
const token = {
  tokenId: 't',
  clientId: 'editor',
  connectionId: 'c',
  accountId: 'ada',
  organizationId: 'acme',
  organizationRole: 'member',
  scopes: ['project:read', 'project:create'],
  issuedAt: now,
  claims: { aud },
};
const times = { at: now, until: now + 3600 };
const scopes = ['project:read'];
const served = true;
const lists = { allow: [], deny: [], except: [] };

const told = (...entries: object[]) => {
  const list = new RevokedTokens();
  list.add(entries.map((each) => ({ kind: 'policy', ...times, ...each })) as never);
  return list;
};

describe('a policy that changed', () => {
  it.each([
    ['its client is gone', { about: 'client', id: 'editor', served: false }],
    ['its resource is gone', { about: 'resource', resource: aud, scopes: token.scopes, served: false }],
    ['its resource lost a scope of it', { about: 'resource', resource: aud, scopes, served }],
    ['its role lost a scope of it', { about: 'role', id: 'member', resource: aud, scopes, served }],
  ])('ends a token when %s, and no other', (_name, entry) => {
    const list = told(entry);
    expect(list.includes(token)).toBe(true);
    expect(list.includes({ ...token, issuedAt: now + 1 })).toBe(false);
    const other = { clientId: 'other', organizationRole: 'other', claims: { aud: 'https://mail.example/mcp' } };
    expect(list.includes({ ...token, ...other })).toBe(false);
    if (entry.served) expect(list.includes({ ...token, scopes })).toBe(false);
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
    const list = told({ about: 'documents', served, ...lists, ...entry });
    expect(list.includes({ ...token, clientId })).toBe(isEnded);
  });

  it('is as its newest entry says, in whatever order they come, and is forgotten with it', () => {
    const taken = { about: 'resource', resource: aud, scopes, served };
    const given = { ...taken, scopes: token.scopes, at: now + 1 };
    for (const list of [told(taken, given), told(given, taken)]) expect(list.includes(token)).toBe(false);
    expect(told(given, { ...taken, at: now + 2 }).includes(token)).toBe(true);
    const over = told({ ...taken, until: now - 301 });
    over.forgetExpired();
    expect(over.size).toBe(0);
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
    expect(parseRevocation(JSON.stringify({ kind: 'policy', ...times, ...entry }))).toBeUndefined();
  });
});
