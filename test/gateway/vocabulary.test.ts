import { basicAuthorization, coversScope, isLoopbackHost } from '@bkend/mcp-gateway/vocabulary';
import { describe, expect, it } from '@jest/globals';

describe('a pattern', () => {
  it.each([
    ['project:read', 'project:read'],
    ['*:*', 'project:read'],
    ['*:*', 'table:data:read'],
    ['project:*', 'project:delete'],
    ['*:read', 'table:data:read'],
    ['table:data:*', 'table:data:create'],
    ['read', 'read'],
    ['*', '*'],
  ])('%s covers %s', (pattern, scope) => expect(coversScope(pattern, scope)).toBe(true));

  it.each([
    ['project:read', 'project:create'],
    ['project:*', 'projects:read'],
    ['table:*', 'table:data:read'],
    ['*:read', 'project:readonly'],
    ['*', 'project:read'],
    ['', 'project:read'],
    ['*:', 'project:read'],
    [':read', 'project:read'],
    ['proj*:read', 'project:read'],
    ['.*:.*', 'project:read'],
    // Without a colon there is no hierarchy: neither `openid` nor a word of next year is within anybody's `*:*`.
    ['*:*', 'read'],
    ['*:*', 'openid'],
    ['*:read', 'read'],
    ['*', 'read'],
    ['', 'read'],
  ])('%s does not cover %s', (pattern, scope) => expect(coversScope(pattern, scope)).toBe(false));
});

describe('this machine', () => {
  it.each(['http://localhost', 'http://127.0.0.1:3000', 'http://127.255.255.254', 'http://127.1', 'http://[::1]:1'])(
    'is meant by %s',
    (url) => expect(isLoopbackHost(new URL(url).hostname)).toBe(true),
  );

  it.each([
    ['a name that begins like an address', 'http://127.evil.example'],
    ['a name that begins with a whole address', 'http://127.0.0.1.evil.example'],
    ['a name below localhost, which a resolver may ask others for', 'http://localhost.evil.example'],
    ['an address elsewhere', 'http://128.0.0.1'],
    ['every address', 'http://0.0.0.0'],
    ['an address elsewhere that is written in IPv6', 'http://[::2]'],
  ])('is not meant by %s: %s', (_name, url) => expect(isLoopbackHost(new URL(url).hostname)).toBe(false));
});

describe('the Basic header of a client', () => {
  const sentBy = (clientId: string, clientSecret: string) =>
    atob(basicAuthorization({ clientId, clientSecret }).slice('Basic '.length));

  it.each([
    ['plain words as they are', ['gateway', 'secret'], 'gateway:secret'],
    ['a colon encoded, which would part the two elsewhere', ['a:b', 'c:d'], 'a%3Ab:c%3Ad'],
    ['a blank as a plus', ['a b', 'c d'], 'a+b:c+d'],
    ['a plus encoded, which would be read as a blank', ['a', 'b+c/d='], 'a:b%2Bc%2Fd%3D'],
    ['a percent sign encoded', ['a', '100%'], 'a:100%25'],
    ['other letters in UTF-8', ['é', '키'], '%C3%A9:%ED%82%A4'],
  ])('has %s (RFC 6749 §2.3.1)', (_name, [id = '', secret = ''], sent) => expect(sentBy(id, secret)).toBe(sent));
});
