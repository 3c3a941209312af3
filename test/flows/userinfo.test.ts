import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

const ask = (token?: string) =>
  fetch(`${server.issuer}/oauth/userinfo`, token ? { headers: { Authorization: `Bearer ${token}` } } : {});

describe('the userinfo endpoint (OpenID Connect Core §5.3)', () => {
  it.each([
    ['openid profile email project:read', { name: 'Demo Person', email: 'demo@example.com' }],
    ['openid project:read', {}],
  ])('tells what the person approved, which was %s, and no more', async (scope, told) => {
    const { accessToken, claims } = await connect(server, { request: { scope } });
    expect(await (await ask(accessToken)).json()).toEqual({ sub: claims.sub, ...told });
  });

  it('refuses a token without openid, and names it', async () => {
    const { accessToken } = await connect(server, { request: { scope: 'project:read' } });
    const response = await ask(accessToken);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="openid"');
  });

  it('refuses a token that somebody altered', async () => {
    const { accessToken } = await connect(server, { request: { scope: 'openid' } });
    const [header, payload] = accessToken.split('.');
    const response = await ask(`${header}.${payload}.${'A'.repeat(86)}`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('refuses a token of a connection that was revoked', async () => {
    const { accessToken, refreshToken, client } = await connect(server, { request: { scope: 'openid' } });
    await client.post('revoke', { token: refreshToken });
    expect((await ask(accessToken)).status).toBe(401);
  });

  it('tells a request without a token only the scheme (RFC 6750 §3)', async () =>
    expect((await ask()).headers.get('www-authenticate')).toBe('Bearer'));
});
