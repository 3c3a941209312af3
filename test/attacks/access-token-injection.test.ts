import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import { registerClient } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';

/** RFC 9700 §4.6, access token injection: no token is handed out where a browser, and so an attacker, could put in another. */
const here = shared(startAttacked);

describe('a token in the answer of the authorization endpoint', () => {
  it.each(['token', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token', 'none'])(
    'is refused to the response type "%s" (OAuth 2.1 §4.1.1)',
    async (type) => {
      const { url, state } = here.client.authorizationRequest({ response_type: type, scope: 'openid', nonce: 'n' });

      const rest = await here.changesNothing(() => here.person.browser.open(url.href));

      // Response types that would put a token into the answer are answered in the fragment, their refusal too.
      const answer = Object.fromEntries(new URLSearchParams(rest.url.search || rest.url.hash.slice(1)));
      expect(answer).toMatchObject({ error: 'unsupported_response_type', state, iss: here.server.issuer });
      expect(rest.url.href).not.toMatch(/(access|id)_token=/);
    },
  );

  it('is registered by nobody, and announced to nobody', async () => {
    const register = (metadata: object) =>
      registerClient(here.server.issuer, { ...metadata }).then(
        ({ registration }) => registration,
        () => ({ response_types: ['code'], grant_types: [] }),
      );
    for (const metadata of [
      { response_types: ['token'], grant_types: ['implicit'] },
      { response_types: ['code', 'code id_token'] },
    ]) {
      const registered = await register(metadata);
      expect(registered.response_types).toEqual(['code']);
      expect(registered.grant_types).not.toContain('implicit');
    }
    const metadata = await (await fetch(`${here.server.issuer}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).toMatchObject({ response_types_supported: ['code'] });
  });
});

describe('a token that somebody brings along', () => {
  const grants: Record<string, Record<string, string>> = {
    password: { username: 'demo@example.com', password: 'demo-password' },
    implicit: {},
    'urn:ietf:params:oauth:grant-type:token-exchange': {
      subject_token: 'TOKEN',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    },
    'urn:ietf:params:oauth:grant-type:jwt-bearer': { assertion: 'TOKEN' },
  };

  it.each(Object.entries(grants))('makes no other one by the grant %s', async (grant, parameters) => {
    const { callback, verifier } = await here.approved();
    const { access_token: token = '' } = (await here.client.exchange(callback, verifier)).body;
    const brought = Object.entries(parameters).map(([name, value]) => [name, value === 'TOKEN' ? token : value]);

    const answer = await here.changesNothing(() =>
      here.client.post('token', { grant_type: grant, ...Object.fromEntries(brought) }),
    );

    expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
  });
});
