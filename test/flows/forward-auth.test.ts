import { describe, expect, it } from '@jest/globals';
import { aboutFiles, aboutMail, ask, calling, connectTo, files, startProxied } from '../forward-auth/proxied.ts';
import { createTestClock } from '../support/clock.ts';
import { shared } from '../support/shared.ts';

const { clock, pass } = createTestClock();
const server = shared(() => startProxied({ parts: { clock } }));
const connected = shared(() => connectTo(server, files, 'project:read organization:read'));

const metadata = 'resource_metadata="https://files.example/.well-known/oauth-protected-resource/mcp"';
const defaults = 'scope="organization:read project:read environment:read table:read table:data:read access-token:read"';
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];

describe('a request with a valid token', () => {
  it('may pass, and the server behind learns who asks', async () => {
    const { claims, accessToken: token } = connected;
    const { status, headers, body } = await ask(server, { token, tail: aboutFiles });

    expect({ status, body }).toEqual({ status: 200, body: '' });
    expect(headers).toMatchObject({
      'x-account-id': claims.sub,
      'x-organization-id': claims.org_id,
      'x-organization-slug': 'acme',
      'x-organization-role': 'owner',
      'x-scopes': 'organization:read project:read',
      'x-connection-id': claims.grant_id,
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('x-refusal');
  });

  it.each([...methods, 'HEAD', 'OPTIONS'])('may be asked about with %s', async (method) => {
    const { status, headers } = await ask(server, { method, token: connected.accessToken, tail: aboutFiles });
    expect([status, headers['x-organization-slug']]).toEqual([200, 'acme']);
  });

  it('is known by the scheme in any spelling (RFC 9110 §11.1)', async () => {
    const headers = { authorization: `bearer ${connected.accessToken}` };
    expect((await ask(server, { headers, tail: aboutFiles })).status).toBe(200);
  });

  it('gets the headers of its token, whatever it brought along', async () => {
    const forged = { 'X-Account-Id': 'acc_eve', 'X-Scopes': '*:*', 'X-Organization-Role': 'owner' };
    const { headers } = await ask(server, { token: connected.accessToken, headers: forged, tail: aboutFiles });
    expect(headers['x-account-id']).toBe(connected.claims.sub);
    expect(headers['x-scopes']).toBe('organization:read project:read');
  });
});

describe('a request without a valid token', () => {
  it('is led to the sign-in page by the challenge of the kit (RFC 9728 §5.1)', async () => {
    const { status, headers, body } = await ask(server, { tail: aboutFiles });

    expect(status).toBe(401);
    expect(headers).toMatchObject({
      'www-authenticate': `Bearer ${metadata}, ${defaults}`,
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'WWW-Authenticate, Mcp-Session-Id',
    });
    expect(JSON.parse(body)).toEqual({ error: 'unauthorized', error_description: 'An access token is required' });
    expect(headers['x-refusal']).toBe(body);
  });

  it.each([
    ['another scheme', 'Basic YTpi'],
    ['a token in no scheme', 'eyJ'],
    ['an empty token', 'Bearer '],
  ])('is one without a token when it has %s', async (_name, authorization) => {
    const { status, headers } = await ask(server, { headers: { authorization }, tail: aboutFiles });
    expect([status, headers['www-authenticate']]).toEqual([401, `Bearer ${metadata}, ${defaults}`]);
  });

  it('is not let pass for a token in the query (RFC 6750 §2.3)', async () => {
    expect((await ask(server, { tail: `${aboutFiles}&access_token=${connected.accessToken}` })).status).toBe(400);
  });

  it.each([
    ['somebody altered', () => `${connected.accessToken.slice(0, -8)}AAAAAAAA`],
    ['nobody issued', () => 'abc.def.ghi'],
    ['with letters no token has', () => 'Ã¤"\\'],
    ['is a refresh token', () => connected.refreshToken],
  ])('is refused with one that %s', async (_name, token) => {
    const { status, headers, body } = await ask(server, { token: token(), tail: aboutFiles });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe(
      `Bearer ${metadata}, ${defaults}, error="invalid_token", error_description="The access token is not valid"`,
    );
    expect(JSON.parse(body)).toEqual({ error: 'invalid_token', error_description: 'The access token is not valid' });
  });

  it.each([...methods, 'HEAD', 'OPTIONS'])('is refused when asked about with %s, a preflight too', async (method) => {
    const { status, headers } = await ask(server, { method, tail: aboutFiles });
    expect([status, headers['www-authenticate']]).toEqual([401, `Bearer ${metadata}, ${defaults}`]);
  });
});

describe('a call of a tool', () => {
  it('that every token may call passes', async () => {
    const headers = calling('whoami');
    expect((await ask(server, { token: connected.accessToken, headers, tail: aboutFiles })).status).toBe(200);
  });

  it('that needs more is answered with all scopes of the operation and of the token (MCP 2026-07-28)', async () => {
    const headers = calling('remove_project');
    const answer = await ask(server, { token: connected.accessToken, headers, tail: aboutFiles });

    expect(answer.status).toBe(403);
    expect(answer.headers).toMatchObject({
      'www-authenticate':
        `Bearer ${metadata}, scope="organization:read project:read project:delete", error="insufficient_scope", ` +
        'error_description="The access token lacks a permission for this"',
      'cache-control': 'no-store',
      'x-refusal': answer.body,
    });
    expect(JSON.parse(answer.body).error).toBe('insufficient_scope');
    expect(answer.headers).not.toHaveProperty('x-account-id');
  });

  it('passes with the scopes it needs', async () => {
    const { accessToken: token } = await connectTo(server, files, 'project:delete organization:read');
    expect((await ask(server, { token, headers: calling('remove_project'), tail: aboutFiles })).status).toBe(200);
  });

  it('is held to its table in any encoding of its name', async () => {
    const name = `=?base64?${Buffer.from('remove_project').toString('base64')}?=`;
    const answer = await ask(server, { token: connected.accessToken, headers: calling(name), tail: aboutFiles });
    expect(answer.status).toBe(403);
  });

  it('must be allowed to call any tool when it names two', async () => {
    const headers = { ...calling('whoami'), 'Mcp-Name': ['whoami', 'remove_project'] };
    expect((await ask(server, { token: connected.accessToken, headers, tail: aboutFiles })).status).toBe(403);
  });

  it('is held to the table of its own resource', async () => {
    const { accessToken: token } = await connectTo(server, 'https://mail.example/mcp', 'project:read');
    expect((await ask(server, { token, headers: calling('remove_project'), tail: aboutMail })).status).toBe(200);
  });

  it('is not the only thing that may need scopes', async () => {
    const headers = { ...calling('x'), 'Mcp-Method': 'resources/read', 'Mcp-Name': 'file:///a' };
    const answer = await ask(server, { token: connected.accessToken, headers, tail: aboutFiles });
    expect(answer.headers['www-authenticate']).toContain('scope="organization:read project:read table:read"');
  });
});

describe('a request with a token that has expired', () => {
  it('is refused after a moment in which its tool may still count on it, and told so', async () => {
    const { accessToken: token } = await connectTo(server, files, 'project:read');
    expect((await ask(server, { token, tail: aboutFiles })).status).toBe(200);

    pass(3604);
    expect((await ask(server, { token, tail: aboutFiles })).status).toBe(200);
    pass(2);

    const { status, headers } = await ask(server, { token, tail: aboutFiles });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toContain(
      'error="invalid_token", error_description="The access token expired"',
    );
  });
});
