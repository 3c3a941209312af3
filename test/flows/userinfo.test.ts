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

  async function expectRefused(token: string | undefined, status: number, challenge: string) {
    const response = await ask(token);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([status, challenge]);
  }
  const connected = (scope: string) => connect(server, { request: { scope } });

  it('refuses a token without openid, and names it', async () => {
    const { accessToken } = await connected('project:read');
    await expectRefused(accessToken, 403, 'Bearer error="insufficient_scope", scope="openid"');
  });

  it('refuses a token that somebody altered', async () => {
    const { accessToken } = await connected('openid');
    const altered = accessToken.replace(/[^.]*$/, 'A'.repeat(86));
    await expectRefused(altered, 401, 'Bearer error="invalid_token"');
  });

  it('tells a request without a token only the scheme (RFC 6750 §3)', () => expectRefused(undefined, 401, 'Bearer'));
});
