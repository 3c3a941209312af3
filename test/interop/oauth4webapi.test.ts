import { describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { createPerson } from '../support/person.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';
import { startLab } from './client-lab.ts';
import { redirectUri } from './tool.ts';

const algorithms = ['oauth2', 'oidc'] as const;
const insecure = { [oauth.allowInsecureRequests]: true };

interface Party {
  readonly as: oauth.AuthorizationServer;
  readonly client: oauth.Client;
}

describe.each(Object.keys(testStores) as TestStoreKind[])('oauth4webapi, on %s,', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startLab({ env: kept.env }));

  /** From the URL of the MCP server alone: resource metadata, then the server's own, then a registration. */
  async function register(algorithm: (typeof algorithms)[number]): Promise<Party> {
    const resource = new URL(server.issuer);
    const found = await oauth.resourceDiscoveryRequest(resource, insecure);
    const { authorization_servers: [issuer = ''] = [] } = await oauth.processResourceDiscoveryResponse(resource, found);
    const answer = await oauth.discoveryRequest(new URL(issuer), { algorithm, ...insecure });
    const as = await oauth.processDiscoveryResponse(new URL(issuer), answer);
    const metadata = { client_name: 'Generic', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' };
    const registration = await oauth.dynamicClientRegistrationRequest(as, metadata, insecure);
    return { as, client: await oauth.processDynamicClientRegistrationResponse(registration) };
  }

  async function authorize({ as, client }: Party, scope: string, parameters: Record<string, string> = {}) {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = new URL(as.authorization_endpoint ?? '');
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: redirectUri,
      scope,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...parameters,
    }).toString();
    return { callback: await createPerson(server.origin).approves(url), state, verifier };
  }

  async function exchange(party: Party, { callback, state, verifier }: Awaited<ReturnType<typeof authorize>>) {
    const { as, client } = party;
    const parameters = oauth.validateAuthResponse(as, client, callback, state);
    return oauth.authorizationCodeGrantRequest(as, client, oauth.None(), parameters, redirectUri, verifier, insecure);
  }

  function refresh({ as, client }: Party, token: string): Promise<Response> {
    return oauth.refreshTokenGrantRequest(as, client, oauth.None(), token, insecure);
  }

  function validate({ as }: Party, token: string) {
    const request = new Request(server.issuer, { headers: { authorization: `Bearer ${token}` } });
    return oauth.validateJwtAccessToken(as, request, server.issuer, insecure);
  }

  describe.each(algorithms)('by %s discovery', (algorithm) => {
    it('registers, is approved, validates the access token, renews, and ends the connection', async () => {
      const party = await register(algorithm);
      const { as, client } = party;
      const answer = await exchange(party, await authorize(party, 'project:read'));
      const first = await oauth.processAuthorizationCodeResponse(as, client, answer);
      expect(first).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'project:read' });
      const claims = await validate(party, first.access_token);
      expect(claims).toMatchObject({ client_id: client.client_id, org_slug: 'acme', org_role: 'owner' });

      const second = await oauth.processRefreshTokenResponse(
        as,
        client,
        await refresh(party, first.refresh_token ?? ''),
      );
      expect(await validate(party, second.access_token)).toMatchObject({ sub: claims.sub, grant_id: claims.grant_id });

      const token = second.refresh_token ?? '';
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, oauth.None(), token, insecure));
      const refused = oauth.processRefreshTokenResponse(as, client, await refresh(party, token));
      await expect(refused).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    });

    it('signs a person in with openid: the ID token is signed with ES256', async () => {
      const party = await register(algorithm);
      const { as, client } = party;
      const nonce = oauth.generateRandomNonce();
      const answer = await exchange(party, await authorize(party, 'openid email project:read', { nonce }));
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, {
        expectedNonce: nonce,
        requireIdToken: true,
      });

      await oauth.validateApplicationLevelSignature(as, answer, insecure);
      expect(client.id_token_signed_response_alg).toBe('ES256');
      const { sub } = await validate(party, tokens.access_token);
      expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub, iss: server.issuer, nonce });
    });
  });

  it('refuses a callback that names another issuer (RFC 9207 §2.4)', async () => {
    const party = await register('oauth2');
    const { callback, state } = await authorize(party, 'project:read');
    callback.searchParams.set('iss', 'https://another.example');

    expect(() => oauth.validateAuthResponse(party.as, party.client, callback, state)).toThrow('iss');
  });

  it('refuses an access token for another resource', async () => {
    const party = await register('oauth2');
    const answer = await exchange(party, await authorize(party, 'project:read'));
    const tokens = await oauth.processAuthorizationCodeResponse(party.as, party.client, answer);
    const request = new Request(server.issuer, { headers: { authorization: `Bearer ${tokens.access_token}` } });

    const validation = oauth.validateJwtAccessToken(party.as, request, 'https://another.example', insecure);
    await expect(validation).rejects.toThrow('aud');
  });

  it('is told which error a code is answered with that was already redeemed (RFC 6749 §4.1.2)', async () => {
    const party = await register('oauth2');
    const approval = await authorize(party, 'project:read');
    await exchange(party, approval);

    const answer = await exchange(party, approval);
    const again = oauth.processAuthorizationCodeResponse(party.as, party.client, answer);
    await expect(again).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
  });
});
