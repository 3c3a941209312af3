import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import type { Revision } from './clients.ts';
import { type CreateTool, redirectUri, type ToolSurroundings } from './tool.ts';
import { readWhoami, whoamiRequest } from './whoami-by-hand.ts';

/** An app on a library that knows OAuth and nothing of MCP. */
export interface OAuthApp {
  readonly clientId: string;
  authorizationUrl(parameters: Record<string, string>): Promise<URL>;
  /** `nonce`: that of the ID token, where one is to come. */
  redeem(callback: URL, nonce?: string): Promise<Tokens>;
  renew(tokens: Tokens): Promise<Tokens>;
  /** Ends the connection. */
  revoke(tokens: Tokens): Promise<unknown>;
  /** What an access token says, as a resource server with this library reads it. */
  read(accessToken: string): Promise<JWTPayload>;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  readonly id_token?: string | undefined;
  /** Of the ID token, once its signature is verified. */
  readonly identity?: object | undefined;
}

export interface AppOptions {
  /** Where it looks for the metadata of the server. */
  readonly algorithm: 'oauth2' | 'oidc';
  /** The id that the app was delivered with, if it was. */
  readonly known?: string | undefined;
  /** Else it is found by the metadata of the resource. */
  readonly issuer?: URL;
}

export type CreateApp = (url: URL, options: AppOptions) => Promise<OAuthApp>;

const metadata = { client_name: 'Editor', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' };

export const openidClientTool = (revision: Revision): CreateTool => createTool(revision, createOpenidApp);
export const webapiTool = (revision: Revision): CreateTool => createTool(revision, createWebapiApp);

function createTool(revision: Revision, createApp: CreateApp): CreateTool {
  return ({ url, browser, installation }) => {
    // RFC 8707 came with 2025-06-18, and the metadata of a resource, too.
    const [resource, issuer] = revision === '2025-03-26' ? [{}, new URL('/', url)] : [{ resource: String(url) }];
    let app: OAuthApp | undefined;
    let tokens: Tokens | undefined;

    async function connect(toApp: OAuthApp): Promise<Tokens> {
      browser.open(await toApp.authorizationUrl({ scope: 'organization:read project:read', ...resource }));
      return toApp.redeem(await browser.callback());
    }

    return {
      async call() {
        app ??= await createApp(url, {
          algorithm: 'oauth2',
          known: knownClientId(installation),
          ...(issuer && { issuer }),
        });
        tokens ??= await connect(app);
        const answer = await fetch(url, whoamiRequest(revision, tokens.access_token));
        if (answer.status !== 401) return readWhoami(answer);
        tokens = await app.renew(tokens);
        return readWhoami(await fetch(url, whoamiRequest(revision, tokens.access_token)));
      },
      revision: () => revision,
      [Symbol.asyncDispose]: async () => undefined,
    };
  };
}

function knownClientId(installation: ToolSurroundings['installation']): string | undefined {
  return installation.find<string>('document') ?? installation.find<{ client_id: string }>('client')?.client_id;
}

/** It discovers no resource metadata: whoever writes the app tells it the issuer. */
export async function createOpenidApp(url: URL, { algorithm, known }: AppOptions): Promise<OAuthApp> {
  const options = { algorithm, execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] };
  const config = known
    ? await openid.discovery(url, known, undefined, openid.None(), options)
    : await openid.dynamicClientRegistration(url, metadata, openid.None(), options);
  const { issuer, jwks_uri: jwksUri = '' } = config.serverMetadata();
  const keys = createRemoteJWKSet(new URL(jwksUri));
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const expectedState = openid.randomState();

  return {
    clientId: config.clientMetadata().client_id,
    async authorizationUrl(parameters) {
      const code_challenge = await openid.calculatePKCECodeChallenge(pkceCodeVerifier);
      const proof = { state: expectedState, code_challenge, code_challenge_method: 'S256' };
      return openid.buildAuthorizationUrl(config, { redirect_uri: redirectUri, ...proof, ...parameters });
    },
    async redeem(callback, nonce) {
      const identified = nonce === undefined ? {} : { expectedNonce: nonce, idTokenExpected: true };
      const checks = { pkceCodeVerifier, expectedState, ...identified };
      const tokens = await openid.authorizationCodeGrant(config, callback, checks);
      return { ...tokens, identity: tokens.claims() };
    },
    renew: ({ refresh_token = '' }) => openid.refreshTokenGrant(config, refresh_token),
    revoke: ({ refresh_token = '' }) => openid.tokenRevocation(config, refresh_token),
    async read(accessToken) {
      const expected = { issuer, audience: url.href, typ: 'at+jwt', algorithms: ['ES256'] };
      return (await jwtVerify(accessToken, keys, expected)).payload;
    },
  };
}

/** From the URL of the MCP server alone: resource metadata, then the server's own, then a registration. */
export async function createWebapiApp(url: URL, { algorithm, known, issuer }: AppOptions): Promise<OAuthApp> {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const none = oauth.None();
  const home = issuer ?? (await findIssuer());
  const found = await oauth.discoveryRequest(home, { algorithm, ...insecure });
  const as = await oauth.processDiscoveryResponse(home, found);
  const client = known ? { client_id: known } : await register();
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();

  async function findIssuer(): Promise<URL> {
    const answer = await oauth.resourceDiscoveryRequest(url, insecure);
    const { authorization_servers = [] } = await oauth.processResourceDiscoveryResponse(url, answer);
    return new URL(authorization_servers[0] ?? '');
  }

  async function register(): Promise<oauth.Client> {
    const answer = await oauth.dynamicClientRegistrationRequest(as, metadata, insecure);
    return oauth.processDynamicClientRegistrationResponse(answer);
  }

  return {
    clientId: client.client_id,
    async authorizationUrl(parameters) {
      const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
      const request = { response_type: 'code', client_id: client.client_id, redirect_uri: redirectUri, state };
      const query = { ...request, code_challenge, code_challenge_method: 'S256', ...parameters };
      return new URL(`${as.authorization_endpoint}?${new URLSearchParams(query)}`);
    },
    async redeem(callback, nonce) {
      const checked = oauth.validateAuthResponse(as, client, callback, state);
      const code = [none, checked, redirectUri, verifier, insecure] as const;
      const answer = await oauth.authorizationCodeGrantRequest(as, client, ...code);
      const identified = nonce === undefined ? {} : { expectedNonce: nonce, requireIdToken: true };
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, identified);
      if (tokens.id_token) await oauth.validateApplicationLevelSignature(as, answer, insecure);
      return { ...tokens, identity: oauth.getValidatedIdTokenClaims(tokens) };
    },
    async renew({ refresh_token = '' }) {
      const answer = await oauth.refreshTokenGrantRequest(as, client, none, refresh_token, insecure);
      return oauth.processRefreshTokenResponse(as, client, answer);
    },
    async revoke({ refresh_token = '' }) {
      const answer = await oauth.revocationRequest(as, client, none, refresh_token, insecure);
      return oauth.processRevocationResponse(answer);
    },
    async read(accessToken) {
      const request = new Request(url, { headers: { authorization: `Bearer ${accessToken}` } });
      return { ...(await oauth.validateJwtAccessToken(as, request, url.href, insecure)) };
    },
  };
}
