import { describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import { createPerson } from '../support/person.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';
import { startLab } from './client-lab.ts';
import { redirectUri } from './tool.ts';

const algorithms = ['oauth2', 'oidc'] as const;

describe.each(Object.keys(testStores) as TestStoreKind[])('openid-client, on %s,', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startLab({ env: kept.env }));

  async function register(algorithm: (typeof algorithms)[number]): Promise<openid.Configuration> {
    const options = { algorithm, execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] };
    const metadata = { client_name: 'Generic', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' };
    return openid.dynamicClientRegistration(new URL(server.issuer), metadata, openid.None(), options);
  }

  async function authorize(config: openid.Configuration, scope: string, parameters: Record<string, string> = {}) {
    const verifier = openid.randomPKCECodeVerifier();
    const state = openid.randomState();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope,
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      resource: server.issuer,
      ...parameters,
    });
    const callback = await createPerson(server.origin).approves(url);
    return { callback, checks: { pkceCodeVerifier: verifier, expectedState: state } };
  }

  function verify(config: openid.Configuration, token: string) {
    const { issuer, jwks_uri: jwksUri = '' } = config.serverMetadata();
    const expected = { issuer, audience: server.issuer, typ: 'at+jwt', algorithms: ['ES256'] };
    return jwtVerify(token, createRemoteJWKSet(new URL(jwksUri)), expected);
  }

  function callWhoami(config: openid.Configuration, token: string): Promise<Response> {
    const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami', arguments: {} } };
    const body = JSON.stringify(call);
    return openid.fetchProtectedResource(config, token, new URL(server.issuer), 'POST', body, new Headers(headers));
  }

  describe.each(algorithms)('by %s discovery', (algorithm) => {
    it('registers, is approved, calls the MCP server, renews, and ends the connection', async () => {
      const config = await register(algorithm);
      const { callback, checks } = await authorize(config, 'organization:read project:read');
      const first = await openid.authorizationCodeGrant(config, callback, checks);

      expect(first).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'organization:read project:read' });
      expect(first.id_token).toBeUndefined();
      const { payload } = await verify(config, first.access_token);
      expect(payload).toMatchObject({ client_id: config.clientMetadata().client_id, org_slug: 'acme' });
      const answer = await callWhoami(config, first.access_token);
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('acme')]);

      const second = await openid.refreshTokenGrant(config, first.refresh_token ?? '');
      expect(second.refresh_token).not.toBe(first.refresh_token);
      const renewed = await verify(config, second.access_token);
      expect(renewed.payload).toMatchObject({ sub: payload.sub, grant_id: payload.grant_id, scope: payload.scope });

      await openid.tokenRevocation(config, second.refresh_token ?? '');
      const after = openid.refreshTokenGrant(config, second.refresh_token ?? '');
      await expect(after).rejects.toMatchObject({ error: 'invalid_grant' });
    });

    it('signs a person in with openid: the ID token is signed, and names the person and the nonce', async () => {
      const config = await register(algorithm);
      const nonce = openid.randomNonce();
      const { callback, checks } = await authorize(config, 'openid profile email project:read', { nonce });
      const tokens = await openid.authorizationCodeGrant(config, callback, {
        ...checks,
        expectedNonce: nonce,
        idTokenExpected: true,
      });

      expect(protectedHeader(tokens.id_token ?? '')).toMatchObject({ alg: 'ES256' });
      const { payload } = await verify(config, tokens.access_token);
      expect(tokens.claims()).toMatchObject({ sub: payload.sub, aud: config.clientMetadata().client_id, nonce });
      expect(payload).toMatchObject({ scope: 'project:read' });
      await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
    });

    it('finds a registered client again by its id', async () => {
      const known = (await register(algorithm)).clientMetadata().client_id;
      const options = { algorithm, execute: [openid.allowInsecureRequests] };
      const config = await openid.discovery(new URL(server.issuer), known, undefined, openid.None(), options);
      const { callback, checks } = await authorize(config, 'openid project:read');

      const tokens = await openid.authorizationCodeGrant(config, callback, { ...checks, idTokenExpected: true });
      expect(tokens.claims()).toMatchObject({ aud: known });
    });
  });

  it('refuses a callback that names another issuer, or none (RFC 9207 §2.4)', async () => {
    const config = await register('oauth2');
    const { callback, checks } = await authorize(config, 'project:read');
    for (const iss of ['https://another.example', undefined]) {
      const forged = new URL(callback);
      forged.searchParams.delete('iss');
      if (iss) forged.searchParams.set('iss', iss);
      const redemption = openid.authorizationCodeGrant(config, forged, checks);
      await expect(redemption).rejects.toMatchObject({ cause: { message: expect.stringContaining('"iss"') } });
    }
  });

  it('gets nothing for a code without its verifier (RFC 7636 §4.6)', async () => {
    const config = await register('oauth2');
    const { callback, checks } = await authorize(config, 'project:read');
    const wrong = { ...checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() };

    const redemption = openid.authorizationCodeGrant(config, callback, wrong);
    await expect(redemption).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

function protectedHeader(token: string) {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}
