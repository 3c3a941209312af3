import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import type { Revision } from './clients.ts';
import { type CreateTool, redirectUri, type ToolSurroundings } from './tool.ts';
import { readWhoami, whoamiRequest } from './whoami-by-hand.ts';

/** An app on a library that knows OAuth and nothing of MCP. */
interface OAuthApp {
  authorizationUrl(parameters: Record<string, string>): Promise<URL>;
  redeem(callback: URL): Promise<Tokens>;
  renew(tokens: Tokens): Promise<Tokens>;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
}

const metadata = { client_name: 'Editor', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' };

export const openidClientTool = (revision: Revision): CreateTool => createTool(revision, createOpenidApp);
export const webapiTool = (revision: Revision): CreateTool => createTool(revision, createWebapiApp);

function createTool(
  revision: Revision,
  createApp: (surroundings: ToolSurroundings, revision: Revision) => Promise<OAuthApp>,
): CreateTool {
  return (surroundings) => {
    const { url, browser } = surroundings;
    // RFC 8707 came with 2025-06-18.
    const resource = revision === '2025-03-26' ? {} : { resource: String(url) };
    let app: OAuthApp | undefined;
    let tokens: Tokens | undefined;

    async function connect(toApp: OAuthApp): Promise<Tokens> {
      browser.open(await toApp.authorizationUrl({ scope: 'organization:read project:read', ...resource }));
      return toApp.redeem(await browser.callback());
    }

    return {
      async call() {
        app ??= await createApp(surroundings, revision);
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

/** The id that the app was delivered with, if it was. */
function knownClientId({ installation }: ToolSurroundings): string | undefined {
  return installation.find<string>('document') ?? installation.find<{ client_id: string }>('client')?.client_id;
}

/** It discovers no resource metadata: whoever writes the app tells it the issuer. */
async function createOpenidApp(surroundings: ToolSurroundings): Promise<OAuthApp> {
  const { url } = surroundings;
  const known = knownClientId(surroundings);
  const options = { algorithm: 'oauth2' as const, execute: [openid.allowInsecureRequests] };
  const config = known
    ? await openid.discovery(url, known, undefined, openid.None(), options)
    : await openid.dynamicClientRegistration(url, metadata, openid.None(), options);
  const checks = { pkceCodeVerifier: openid.randomPKCECodeVerifier(), expectedState: openid.randomState() };

  return {
    async authorizationUrl(parameters) {
      const code_challenge = await openid.calculatePKCECodeChallenge(checks.pkceCodeVerifier);
      const request = { redirect_uri: redirectUri, state: checks.expectedState, code_challenge_method: 'S256' };
      return openid.buildAuthorizationUrl(config, { ...request, code_challenge, ...parameters });
    },
    redeem: (callback) => openid.authorizationCodeGrant(config, callback, checks),
    renew: ({ refresh_token = '' }) => openid.refreshTokenGrant(config, refresh_token),
  };
}

async function createWebapiApp(surroundings: ToolSurroundings, revision: Revision): Promise<OAuthApp> {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const issuer = revision === '2025-03-26' ? new URL('/', surroundings.url) : await findIssuer(surroundings.url);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  const as = await oauth.processDiscoveryResponse(issuer, found);
  const known = knownClientId(surroundings);
  const client = known ? { client_id: known } : await register();
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();

  async function findIssuer(resource: URL): Promise<URL> {
    const answer = await oauth.resourceDiscoveryRequest(resource, insecure);
    const { authorization_servers = [] } = await oauth.processResourceDiscoveryResponse(resource, answer);
    return new URL(authorization_servers[0] ?? '');
  }

  async function register(): Promise<oauth.Client> {
    const answer = await oauth.dynamicClientRegistrationRequest(as, metadata, insecure);
    return oauth.processDynamicClientRegistrationResponse(answer);
  }

  return {
    async authorizationUrl(parameters) {
      const url = new URL(as.authorization_endpoint ?? '');
      const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
      const request = { response_type: 'code', client_id: client.client_id, redirect_uri: redirectUri, state };
      const query = { ...request, code_challenge, code_challenge_method: 'S256', ...parameters };
      url.search = new URLSearchParams(query).toString();
      return url;
    },
    async redeem(callback) {
      const checked = oauth.validateAuthResponse(as, client, callback, state);
      const none = oauth.None();
      const answer = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        none,
        checked,
        redirectUri,
        verifier,
        insecure,
      );
      return oauth.processAuthorizationCodeResponse(as, client, answer);
    },
    async renew({ refresh_token = '' }) {
      const answer = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refresh_token, insecure);
      return oauth.processRefreshTokenResponse(as, client, answer);
    },
  };
}
