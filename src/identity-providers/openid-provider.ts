import { createRemoteJWKSet, type JWTVerifyGetKey, customFetch as joseFetch } from 'jose';
import * as openid from 'openid-client';
import type { Clock } from '../clock.ts';
import { attempt } from './attempt.ts';
import { createAuthentication, type ProviderClient } from './authentication.ts';
import { createDiscovered } from './discovered.ts';
import { verifyLogoutToken } from './logout-token.ts';
import type { Expected, Provider, Said, SignInRequest } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { type ProviderFetch, timeoutMs } from './provider-fetch.ts';
import { combine } from './said.ts';

interface OpenIdPolicy {
  readonly issuer: string;
  readonly client: ProviderClient;
  readonly scopes: readonly string[];
  /** Claims that decide something here: asked at the userinfo endpoint where the ID token lacks them. */
  readonly claims: readonly string[];
  readonly untypedLogoutTokens?: boolean | undefined;
}

interface Parts {
  readonly clock: Clock;
  readonly transport: Pick<ProviderFetch, 'fetch'>;
  /** Where the browser comes back to, and where it comes back to from signing out. */
  readonly callback: string;
  readonly signedOut: string;
}

interface Discovered {
  readonly configuration: openid.Configuration;
  readonly metadata: openid.ServerMetadata;
  readonly keys: JWTVerifyGetKey;
}

/** A provider of OpenID Connect, by openid-client. */
export function createOpenIdProvider(policy: OpenIdPolicy, parts: Parts): Provider {
  const { clock, transport } = parts;
  const discovered = createDiscovered({ clock, discover: () => discover(policy, transport) });
  const find = () => attempt('discovery', discovered);

  async function askUserinfo(
    { configuration, metadata }: Discovered,
    tokens: openid.TokenEndpointResponse,
    sub: string,
  ) {
    if (!metadata.userinfo_endpoint) return undefined;
    // With the subject that it must be about: that of another person would sign them in here (OIDC Core §5.3.2).
    return attempt('userinfo', () => openid.fetchUserInfo(configuration, tokens.access_token, sub));
  }

  return {
    provesSignIn: true,

    async authorizationUrl(request) {
      const { configuration, metadata } = await find();
      const parameters = await parametersOf(request, { policy, metadata, callback: parts.callback });
      const isPushed = metadata.pushed_authorization_request_endpoint !== undefined; // RFC 9126
      return attempt(isPushed ? 'pushed request' : 'authorization', async () =>
        isPushed
          ? openid.buildAuthorizationUrlWithPAR(configuration, parameters)
          : openid.buildAuthorizationUrl(configuration, parameters),
      );
    },

    async redeem(callback, { state, nonce, verifier }: Expected): Promise<Said> {
      const found = await find();
      const tokens = await attempt('code', () =>
        openid.authorizationCodeGrant(found.configuration, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
        }),
      );
      const idToken = tokens.claims() as openid.IDToken;
      const wanted = ['email', 'email_verified', 'name', ...policy.claims.map((claim) => claim.split('.')[0] ?? claim)];
      const isComplete = wanted.every((claim) => idToken[claim] !== undefined);
      const userinfo = isComplete ? undefined : await askUserinfo(found, tokens, idToken.sub);
      const canSignOut = found.metadata.end_session_endpoint !== undefined;
      return { ...combine(idToken, userinfo), ...(canSignOut && { idToken: tokens.id_token }) };
    },

    async endSessionUrl(idToken) {
      const { configuration, metadata } = await find();
      if (metadata.end_session_endpoint === undefined) return undefined;
      return attempt('sign-out', async () =>
        openid.buildEndSessionUrl(configuration, {
          post_logout_redirect_uri: parts.signedOut,
          ...(idToken !== undefined && { id_token_hint: idToken }),
        }),
      );
    },

    async readLogoutToken(token) {
      const { metadata, keys } = await find();
      const clientId = policy.client.client_id;
      return attempt('logout token', async () => {
        const { untypedLogoutTokens: mayBeUntyped } = policy;
        return verifyLogoutToken(token, { issuer: metadata.issuer, clientId, keys, clock, mayBeUntyped });
      });
    },
  };
}

async function discover(
  { issuer, client }: OpenIdPolicy,
  transport: Pick<ProviderFetch, 'fetch'>,
): Promise<Discovered> {
  const secure = new URL(issuer).protocol === 'https:';
  const options = { [openid.customFetch]: transport.fetch as openid.CustomFetch, timeout: timeoutMs / 1000 };
  const execute = secure ? [] : [openid.allowInsecureRequests];
  const looked = await openid.discovery(new URL(issuer), client.client_id, undefined, openid.None(), {
    ...options,
    execute,
  });
  const metadata = looked.serverMetadata();
  // Otherwise they would count for an hour, also after they were repaired.
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const)
    if (metadata[name] === undefined) throw new ProviderError('unusable', `discovery: ${name}`);
  const understood = metadata.token_endpoint_auth_methods_supported;
  const authentication = await createAuthentication(client, understood);
  const configuration = new openid.Configuration(metadata, client.client_id, undefined, authentication);
  configuration[openid.customFetch] = options[openid.customFetch];
  configuration.timeout = options.timeout;
  if (!secure) openid.allowInsecureRequests(configuration);
  // Signatures are checked, too: TLS says where a token comes from, and on this machine there is none (OIDC Core §3.1.3.7).
  openid.enableNonRepudiationChecks(configuration);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri as string), {
    [joseFetch]: transport.fetch as typeof fetch,
    timeoutDuration: timeoutMs,
  });
  return { configuration, metadata, keys };
}

interface Asking {
  readonly policy: OpenIdPolicy;
  readonly metadata: openid.ServerMetadata;
  readonly callback: string;
}

/** When and how somebody signed in (OIDC Core §5.5). */
const aboutSignIn = JSON.stringify({ id_token: { auth_time: null, acr: null, amr: null } });

async function parametersOf(request: SignInRequest, { policy, metadata, callback }: Asking) {
  const { state, nonce, verifier, maxAge, acrValues, loginHint, uiLocales } = request;
  const prompt = promptFor(request, metadata);
  const parameters = Object.entries({
    redirect_uri: callback,
    scope: policy.scopes.join(' '),
    state,
    nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    prompt,
    // With `prompt=login` as well: only who is asked for a time has to say one (OIDC Core §2).
    max_age: maxAge ?? (request.prompt === 'login' ? 0 : undefined),
    acr_values: acrValues?.join(' '),
    login_hint: loginHint,
    ui_locales: uiLocales?.join(' '),
    // Some say it unasked, others never do, and some when they are asked.
    claims: metadata.claims_parameter_supported ? aboutSignIn : undefined,
  });
  return new URLSearchParams(
    parameters.flatMap(([name, value]): [string, string][] =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  );
}

/** Two that let people choose an account and do not say so in their metadata. */
const lettingChoose = new Set(['https://accounts.google.com', 'https://login.microsoftonline.com']);

/**
 * Whoever wants another account may choose one, where the provider says that it lets them. Others refuse the whole request
 * for it (oidc-provider does): there they sign in anew, which every provider knows (OIDC Core §3.1.2.1).
 */
function promptFor({ prompt }: SignInRequest, metadata: openid.ServerMetadata): string | undefined {
  if (prompt !== 'select_account') return prompt;
  const supported = metadata.prompt_values_supported as readonly string[] | undefined;
  const letsChoose = supported?.includes(prompt) ?? lettingChoose.has(new URL(metadata.issuer).origin);
  return letsChoose ? prompt : 'login';
}
