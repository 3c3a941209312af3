import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Attacked, startAttacked } from '../support/attacked.ts';
import { registerClient } from '../support/relying-party.ts';

/** RFC 9700 §4.15, client impersonating resource owner: a client whose id is taken for the `sub` of a person. */
let here: Attacked;
let accountId: string;
beforeAll(async () => {
  here = await startAttacked();
  const { callback, verifier } = await here.approved();
  const { body } = await here.client.exchange(callback, verifier);
  accountId = String(decodeJwt(body.access_token ?? '').sub);
});
afterAll(() => here.close());

describe('a client that wants to look like a person', () => {
  it('does not choose its id: it registers as somebody, and is one of its own', async () => {
    const wanted = { client_id: accountId, sub: accountId, id: accountId, client_name: accountId };
    const { clientId } = await registerClient(here.server.issuer, wanted);

    expect(clientId).toMatch(/^dyn-[\w-]{22,}$/);
    expect(accountId).not.toMatch(/^dyn-/);
  });

  it('has no token of its own: there are no client credentials, registered or asked for', async () => {
    const confidential = await registerClient(here.server.issuer, { token_endpoint_auth_method: 'client_secret_post' });
    for (const client of [here.client, confidential]) {
      const answer = await here.changesNothing(() =>
        client.post('token', { grant_type: 'client_credentials', scope: 'project:read' }),
      );
      expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
    }
  });

  it('is told apart in every token: `sub` is the person, `client_id` the client (RFC 9068 §2.2)', async () => {
    const client = await registerClient(here.server.issuer, { client_name: accountId });
    const { callback, verifier } = await here.approved(client, { scope: 'openid project:read' });
    const { access_token: access = '', id_token: id } = (await client.exchange(callback, verifier)).body;

    expect(decodeJwt(access)).toMatchObject({ sub: accountId, client_id: client.clientId });
    expect(decodeJwt(String(id))).toMatchObject({ sub: accountId, aud: client.clientId });
  });

  it('says in no request who the person is', async () => {
    const claims = JSON.stringify({ id_token: { sub: { essential: true, value: 'somebody-else' } } });
    const { url } = here.client.authorizationRequest({ scope: 'openid', prompt: 'none', claims, sub: 'somebody-else' });

    const rest = await here.changesNothing(() => here.person.browser.open(url.href));

    expect(rest.url.searchParams.has('code')).toBe(false);
    expect(rest.url.searchParams.get('error')).toMatch(/_required$|^invalid_request$/);
  });
});
