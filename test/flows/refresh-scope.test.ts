import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { connect } from '../support/connect.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

async function refreshedWith(scope: string) {
  const { client, refreshToken } = await connect(server, { request: { scope: 'project:read project:create' } });
  const { status, body } = await client.refresh(refreshToken, { scope });
  return { status, scope: body.scope, token: decodeJwt(body.access_token ?? '').scope };
}

describe('scope at a refresh (RFC 6749 §6, R69)', () => {
  it.each([
    ['a part', 'project:read', 'project:read'],
    ['all', 'project:read project:create', 'project:read project:create'],
    ['more than was granted', 'project:read project:delete table:read', 'project:read'],
    ['more, with offline_access', 'project:read project:create offline_access', 'project:read project:create'],
    ['a wildcard', 'project:*', 'project:read project:create'],
    ['nothing that was granted', 'mcp:tools', 'project:read project:create'],
    ['a part, between blanks', '  project:read ', 'project:read'],
    ['an empty text', '', 'project:read project:create'],
  ])('that names %s gives what was granted of it', async (_name, asked, given) => {
    expect(await refreshedWith(asked)).toEqual({ status: 200, scope: given, token: given });
  });

  it.each([
    'openid email profile',
    'openid',
    'offline_access',
    'openid email profile offline_access',
    'openid mcp:tools',
    'openid table:delete',
  ])('that names no permission, like %s, gives all that was granted (R35, R69)', async (asked) => {
    const { client, refreshToken, claims } = await connect(server, {
      request: { scope: 'openid email profile offline_access' },
    });

    const { body } = await client.refresh(refreshToken, { scope: asked });

    expect(decodeJwt(body.access_token ?? '').scope).toBe(claims.scope);
    expect(String(body.scope).split(' ')).toEqual(expect.arrayContaining(String(claims.scope).split(' ')));
  });

  it('narrows this token, not the connection', async () => {
    const { client, refreshToken } = await connect(server, { request: { scope: 'project:read project:create' } });
    const { body } = await client.refresh(refreshToken, { scope: 'project:read' });
    const again = await client.refresh(String(body.refresh_token));
    expect(again.body.scope).toBe('project:read project:create');
  });
});

describe('offline_access (R36, R61)', () => {
  it('is named in the answer when it was asked for, and never in the token', async () => {
    const { answer, claims, client, refreshToken } = await connect(server, {
      request: { scope: 'project:read offline_access' },
    });
    expect(answer.body.scope).toBe('project:read offline_access');
    expect(claims.scope).toBe('project:read');
    expect((await client.refresh(refreshToken)).body.scope).toBe('project:read offline_access');
  });

  it('is not needed for a refresh token', async () => {
    const { answer, refreshToken } = await connect(server, { request: { scope: 'project:read' } });
    expect(answer.body.scope).toBe('project:read');
    expect(refreshToken).not.toBe('');
  });
});
