import * as openid from 'openid-client';
import { attempt } from './attempt.ts';
import { createAuthentication, type ProviderClient } from './authentication.ts';
import type { Expected, Provider, Said } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { type ProviderFetch, timeoutMs } from './provider-fetch.ts';

interface GitHubPolicy {
  /** `https://github.com`, or a GitHub Enterprise Server. */
  readonly issuer: string;
  readonly client: ProviderClient;
  readonly scopes: readonly string[];
  /** `organizations`: the logins of those that somebody is a member of, which only `read:org` tells. */
  readonly claims: readonly string[];
}

interface Parts {
  readonly transport: Pick<ProviderFetch, 'fetch'>;
  readonly callback: string;
}

interface User {
  readonly id?: unknown;
  readonly login?: unknown;
  readonly name?: unknown;
}

/** GitHub speaks OAuth and no OpenID: who somebody is, is asked at its API with the access token, which is then dropped. */
export function createGitHubProvider(policy: GitHubPolicy, { transport, callback }: Parts): Provider {
  const base = policy.issuer.replace(/\/$/, '');
  const api = new URL(base).host === 'github.com' ? 'https://api.github.com' : `${base}/api/v3`;
  const issuer = `${base}/login/oauth`; // As GitHub publishes it (RFC 8414).
  const configure = async () => {
    const authentication = await createAuthentication(policy.client, ['client_secret_post']);
    const endpoints = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/access_token` };
    const made = new openid.Configuration({ issuer, ...endpoints }, policy.client.client_id, undefined, authentication);
    made[openid.customFetch] = transport.fetch as openid.CustomFetch;
    made.timeout = timeoutMs / 1000;
    if (base.startsWith('http:')) openid.allowInsecureRequests(made);
    return made;
  };

  async function ask(path: string, accessToken: string): Promise<unknown> {
    return attempt(path, async () => {
      const answer = await transport.fetch(`${api}${path}`, {
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${accessToken}`,
          'user-agent': 'bkend-mcp-auth', // Without one GitHub answers 403.
        },
      });
      if (answer.status !== 200)
        throw new ProviderError(isPutOff(answer) ? 'away' : 'unusable', `${path}: status ${answer.status}`);
      return answer.json();
    });
  }

  async function readUser(accessToken: string): Promise<User & { readonly subject: string }> {
    const user = (await ask('/user', accessToken)) as User | null;
    // The number: a login may be given up, and taken by somebody else.
    if (!Number.isSafeInteger(user?.id)) throw new ProviderError('unusable', '/user: id');
    return { ...user, subject: String(user?.id) };
  }

  /** The primary one, and only if it is verified: others may be anybody's that they typed in. */
  async function readEmail(accessToken: string): Promise<string> {
    const emails = await ask('/user/emails', accessToken);
    if (!Array.isArray(emails)) throw new ProviderError('unusable', '/user/emails: form');
    const primary = emails.find((each) => each?.primary === true && each?.verified === true);
    if (typeof primary?.email !== 'string') throw new ProviderError('without-email', 'primary email');
    return primary.email;
  }

  async function readOrganizations(accessToken: string): Promise<string[]> {
    const organizations = await ask('/user/orgs?per_page=100', accessToken);
    if (!Array.isArray(organizations)) throw new ProviderError('unusable', '/user/orgs: form');
    return organizations.flatMap(({ login }) => (typeof login === 'string' ? login : []));
  }

  return {
    provesSignIn: false,

    async authorizationUrl({ state, verifier, prompt, loginHint }) {
      return attempt('authorization', async () =>
        openid.buildAuthorizationUrl(await configure(), {
          redirect_uri: callback,
          scope: policy.scopes.join(' '),
          state,
          code_challenge: await openid.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          ...(prompt === 'select_account' && { prompt }),
          ...(loginHint !== undefined && { login: loginHint }),
        }),
      );
    },

    async redeem(returned: URL, { state, verifier }: Expected): Promise<Said> {
      const { access_token: accessToken } = await attempt('code', async () =>
        openid.authorizationCodeGrant(await configure(), returned, {
          expectedState: state,
          pkceCodeVerifier: verifier,
        }),
      );
      const wantsOrganizations = policy.claims.includes('organizations');
      const [user, email, organizations] = await Promise.all([
        readUser(accessToken),
        readEmail(accessToken),
        wantsOrganizations ? readOrganizations(accessToken) : [],
      ]);
      const { subject, login, name } = user;
      return {
        issuer,
        subject,
        claims: { login, preferred_username: login, name: name ?? login, organizations },
        email,
        emailIsVerified: true,
      };
    },

    endSessionUrl: async () => undefined,
    async readLogoutToken() {
      throw new ProviderError('unusable', 'logout token: GitHub sends none');
    },
  };
}

/** Not now: its limit is answered with 429, or with 403 and what says so (docs.github.com, rate limits for the REST API). */
function isPutOff({ status, headers }: Response): boolean {
  return status >= 500 || status === 429 || (status === 403 && headers.get('x-ratelimit-remaining') === '0');
}
