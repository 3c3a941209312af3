import { validateHeaderValue } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { headerValue, presentIdentity } from '../../src/forward-auth/identity-headers.ts';

describe('a text of the directory in a header', () => {
  it.each([
    ['an id of ours', 'org_Zm9v-YmFy_1', 'org_Zm9v-YmFy_1'],
    ['an id of another directory', 'auth0|5f7c8ec7c33c6c004bbafe82', 'auth0|5f7c8ec7c33c6c004bbafe82'],
    ['an email address', 'ada@example.com', 'ada@example.com'],
    ['a scope', 'table:data:read', 'table:data:read'],
    ['nothing', '', ''],
    ['another header', 'acme\r\nX-Scopes: *:*', 'acme%0D%0AX-Scopes:%20*:*'],
    ['the end of the headers', 'acme\n\n{}', 'acme%0A%0A{}'],
    ['a second value', 'acme,globex', 'acme%2Cglobex'],
    ['a blank', 'project:read project:delete', 'project:read%20project:delete'],
    ['an escape', '100%2C', '100%252C'],
    ['a zero', 'a\0b', 'a%00b'],
    ['letters beyond ASCII', 'Müller ☕', 'M%C3%BCller%20%E2%98%95'],
    ['half a character', 'a\uD800', 'a%EF%BF%BD'],
  ])('may be %s', (_name, text, value) => expect(headerValue(text)).toBe(value));

  it('is always one value of one header, and can be read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const value = headerValue(text);
        validateHeaderValue('X-Organization-Id', value);
        expect(value).toMatch(/^[\x21-\x2B\x2D-\x7E]*$/);
        expect(decodeURIComponent(value)).toBe(text.toWellFormed());
      }),
    );
  });
});

it('names all headers whatever they hold, so that none of the client’s survives', () => {
  const known = {
    accountId: 'acc_1',
    organizationId: 'org_1',
    organizationSlug: 'acme',
    organizationRole: 'owner',
    connectionId: 'grant_1',
    tokenId: 'jti_1',
  };
  const token = { token: 'a secret', clientId: 'dyn-1', scopes: [], issuedAt: 1, expiresAt: 2 };
  const identity = {
    ...{ ...known, claims: {}, extra: known, ...token },
    resource: new URL('https://files.example/mcp'),
    resourceMetadataUrl: 'https://files.example/.well-known/oauth-protected-resource/mcp',
  };
  expect(presentIdentity(identity)).toEqual({
    'X-Account-Id': 'acc_1',
    'X-Organization-Id': 'org_1',
    'X-Organization-Slug': 'acme',
    'X-Organization-Role': 'owner',
    'X-Scopes': '',
    'X-Connection-Id': 'grant_1',
  });
});
