import { describe, expect, it } from '@jest/globals';
import { type Asked, askingAbout, calling, files, mail, refused, startProxied } from '../forward-auth/proxied.ts';
import { createTestClock } from '../support/clock.ts';
import { shared } from '../support/shared.ts';

const passes = { status: 200 };

const { clock, pass } = createTestClock();
const server = shared(() => startProxied({ parts: { clock } }));
const { expectTold, connects, tokenFor } = askingAbout(server, files);
const connected = shared(() => connects('project:read organization:read'));

const metadata = 'resource_metadata="https://files.example/.well-known/oauth-protected-resource/mcp"';
const defaults = 'scope="organization:read project:read environment:read table:read table:data:read access-token:read"';
const challenge = `Bearer ${metadata}, ${defaults}`;
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];
const mine = (headers: Asked['headers'] = {}) => ({ token: connected.accessToken, headers });

describe('a request with a valid token', () => {
  const expectPass = (asked: Asked) => {
    const { sub, org_id, grant_id } = connected.claims;
    const headers = {
      'x-account-id': sub,
      'x-organization-id': org_id,
      'x-organization-slug': 'acme',
      'x-organization-role': 'owner',
      'x-scopes': 'organization:read project:read',
      'x-connection-id': grant_id,
      'cache-control': 'no-store',
    };
    return expectTold(asked, { status: 200, body: '', headers });
  };

  it('may pass, and the server behind learns who asks', () => expectPass(mine()));

  it.each(methods)('may be asked about with %s', (method) => expectPass({ ...mine(), method }));

  it('is known by the scheme in any spelling (RFC 9110 §11.1)', () =>
    expectPass({ headers: { authorization: `bearer ${connected.accessToken}` } }));

  it('gets the headers of its token, whatever it brought along', () =>
    expectPass(mine({ 'X-Account-Id': 'acc_eve', 'X-Scopes': '*:*', 'X-Organization-Role': 'owner' })));
});

describe('a request without a valid token', () => {
  const led = { status: 401, headers: { 'www-authenticate': challenge } };

  it('is led to the sign-in page by the challenge of the kit (RFC 9728 §5.1)', () => {
    const body = JSON.stringify({ error: 'unauthorized', error_description: 'An access token is required' });
    const headers = {
      'www-authenticate': challenge,
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'WWW-Authenticate, Mcp-Session-Id',
      'x-refusal': body,
    };
    return expectTold({}, { status: 401, headers, body });
  });

  it.each([
    ['another scheme', 'Basic YTpi'],
    ['a token in no scheme', 'eyJ'],
    ['an empty token', 'Bearer '],
  ])('is one without a token when it has %s', (_name, authorization) =>
    expectTold({ headers: { authorization } }, led),
  );

  it('is not let pass for a token in the query (RFC 6750 §2.3)', () =>
    expectTold(
      { tail: `?${new URLSearchParams({ resource: files, access_token: connected.accessToken })}` },
      { status: 400 },
    ));

  it.each([
    ['somebody altered', () => `${connected.accessToken.slice(0, -8)}AAAAAAAA`],
    ['nobody issued', () => 'abc.def.ghi'],
    ['with letters no token has', () => 'Ã¤"\\'],
    ['is a refresh token', () => connected.refreshToken],
  ])('is refused with one that %s', (_name, token) => {
    const [error, why] = ['invalid_token', 'The access token is not valid'];
    const headers = { 'www-authenticate': `${challenge}, error="${error}", error_description="${why}"` };
    const body = JSON.stringify({ error, error_description: why });
    return expectTold({ token: token() }, { status: 401, headers, body });
  });

  it.each(methods)('is refused when asked about with %s, a preflight too', (method) => expectTold({ method }, led));
});

describe('a call of a tool', () => {
  it('that every token may call passes', () => expectTold(mine(calling('whoami')), passes));

  it('that needs more is answered with all scopes of the operation and of the token (MCP 2026-07-28)', () => {
    const body = expect.stringContaining('"error":"insufficient_scope"');
    const needed = 'scope="organization:read project:read project:delete"';
    const why = 'error="insufficient_scope", error_description="The access token lacks a permission for this"';
    const headers = { 'www-authenticate': `Bearer ${metadata}, ${needed}, ${why}`, 'x-refusal': body };
    const told = { status: 403, headers: { ...headers, 'cache-control': 'no-store' }, body };
    return expectTold(mine(calling('remove_project')), told);
  });

  it('passes with the scopes it needs', async () => {
    const able = await tokenFor('project:delete organization:read');
    await expectTold({ ...able, headers: calling('remove_project') }, passes);
  });

  it('is held to its table in any encoding of its name', () => {
    const name = `=?base64?${Buffer.from('remove_project').toString('base64')}?=`;
    return expectTold(mine(calling(name)), { status: 403 });
  });

  it('must be allowed to call any tool when it names two', () =>
    expectTold(mine({ ...calling('whoami'), 'Mcp-Name': ['whoami', 'remove_project'] }), { status: 403 }));

  it('is held to the table of its own resource', async () => {
    const { tokenFor, expectTold } = askingAbout(server, mail);
    await expectTold({ ...(await tokenFor('project:read')), headers: calling('remove_project') }, passes);
  });

  it('is not the only thing that may need scopes', () =>
    expectTold(
      mine({ ...calling('file:///a'), 'Mcp-Method': 'resources/read' }),
      refused(403, 'scope="organization:read project:read table:read"'),
    ));
});

describe('a request with a token that has expired', () => {
  it('is refused after a moment in which its tool may still count on it, and told so', async () => {
    const old = await tokenFor('project:read');
    await expectTold(old, passes);
    pass(3604);
    await expectTold(old, passes);
    pass(2);
    await expectTold(old, refused(401, 'error="invalid_token", error_description="The access token expired"'));
  });
});
