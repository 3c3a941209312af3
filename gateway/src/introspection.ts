import { type Fetch, loadEndpoint } from './issuer-metadata.ts';
import type { TokenState } from './revocation-list.ts';
import { basicAuthorization, type ClientCredentials } from './vocabulary/index.ts';

interface IntrospectionOptions extends ClientCredentials {
  readonly issuer: string;
  /** Where the endpoint is, when it is not where the issuer's metadata says. */
  readonly introspectionUrl?: string | undefined;
  readonly fetch: Fetch;
}

const TIMEOUT_MS = 3_000; // a request waits for this; longer would only pile requests up

/** Asks the authorization server about one token (RFC 7662). What is no answer says nothing about the token. */
export function createIntrospection(options: IntrospectionOptions): (token: string) => Promise<TokenState> {
  const { issuer, fetch } = options;
  let endpoint = options.introspectionUrl;

  return async function introspect(token) {
    try {
      endpoint ??= await loadEndpoint(issuer, 'introspection_endpoint', fetch);
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { authorization: basicAuthorization(options), accept: 'application/json' },
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return stateFrom(response.ok ? await response.json() : undefined);
    } catch {
      return 'unknown';
    }
  };
}

function stateFrom(answer: unknown): TokenState {
  const { active } = Object(answer) as { active?: unknown };
  if (active === true) return 'live';
  return active === false ? 'revoked' : 'unknown';
}
