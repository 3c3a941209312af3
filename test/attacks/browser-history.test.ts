import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aboutFiles, files, proxiedResource } from '../forward-auth/proxied.ts';
import { createGateway } from '../gateway/gateway.ts';
import { type Attacked, startAttacked } from '../support/attacked.ts';
import { changedPolicy } from '../support/policy.ts';
import { registerClient } from '../support/relying-party.ts';

/** RFC 9700 §4.3, credential leakage via browser history: no token is in a URL, and none is taken out of one. */
let here: Attacked;
let token: string;
let refreshToken: string;
beforeAll(async () => {
  using policy = changedPolicy({ resources: [proxiedResource(files)] });
  here = await startAttacked({ env: policy.env });
  const { callback, verifier } = await here.approved(here.client, { scope: 'openid project:read' });
  const { body } = await here.client.exchange(callback, verifier);
  [token, refreshToken] = [body.access_token ?? '', body.refresh_token ?? ''];
});
afterAll(() => here.close());

describe('what the browser remembers', () => {
  it.each(['query', 'fragment', undefined])('is a code at most, in the response mode %s', async (mode) => {
    const { callback } = await here.approved(here.client, { response_mode: mode, scope: 'openid project:read' });

    const answer = new URLSearchParams(callback.search || callback.hash.slice(1));
    expect([...answer.keys()].sort()).toEqual(['code', 'iss', 'state']);
  });
});

describe('a token in a URL', () => {
  const at = (path: string, init?: RequestInit) => fetch(`${here.server.issuer}${path}`, init);
  const client = () => `client_id=${here.client.clientId}`;
  const formed = { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
  const urls: Record<string, () => Promise<Response>> = {
    'an access token at userinfo': () => at(`/oauth/userinfo?access_token=${token}`),
    'an access token at userinfo, by POST': () => at(`/oauth/userinfo?access_token=${token}`, formed),
    'an access token at forward authentication': () => at(`/oauth/verify${aboutFiles}&access_token=${token}`),
    'a refresh token at the token endpoint': () =>
      at(`/oauth/token?grant_type=refresh_token&refresh_token=${refreshToken}&${client()}`),
    'a refresh token at the token endpoint, by POST': () =>
      at(`/oauth/token?grant_type=refresh_token&refresh_token=${refreshToken}&${client()}`, formed),
    'a token at introspection': () => at(`/oauth/introspect?token=${token}&${client()}`, formed),
    'a token at revocation': () => at(`/oauth/revoke?token=${refreshToken}&${client()}`),
    'a token at revocation, by POST': () => at(`/oauth/revoke?token=${refreshToken}&${client()}`, formed),
  };

  it.each(Object.entries(urls))('%s is not taken (RFC 6750 §2.3, OAuth 2.1 §5.1)', async (_name, ask) => {
    const response = await here.changesNothing(ask);

    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await response.text()).not.toContain('"access_token"');
  });

  it('is not taken by the kit', async () => {
    await using gateway = await createGateway(here.server.issuer, { resource: files });

    const refused = await here.changesNothing(() => gateway.request(`/mcp?access_token=${token}`));

    expect([refused.status, (await gateway.call(token)).status]).toEqual([401, 200]);
  });

  it('for a registration is not taken', async () => {
    const { registration } = await registerClient(here.server.issuer);
    const { registration_client_uri: uri, registration_access_token: secret } = registration;

    for (const method of ['GET', 'DELETE']) {
      const refused = await here.changesNothing(() => fetch(`${uri}?access_token=${secret}`, { method }));
      expect([400, 401]).toContain(refused.status);
    }
  });
});
