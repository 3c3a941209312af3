import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { startAttacked } from '../support/attacked.ts';
import { csrfOf } from '../support/cookies.ts';
import { shared } from '../support/shared.ts';
import { recordsOf } from '../support/test-store.ts';

const here = shared(startAttacked);

/** RFC 9700 §4.15, client impersonating resource owner: a client whose id is taken for the `sub` of a person. */
const owner = shared(async () => ({ id: String(decodeJwt(String((await here.connected()).access_token)).sub) }));

describe('a client that wants to look like a person', () => {
  it('does not choose its id: it registers as somebody, and is one of its own', async () => {
    const { id } = owner;
    const { clientId } = await here.registers({ client_id: id, sub: id, id, client_name: id });

    expect(clientId).toMatch(/^dyn-[\w-]{22,}$/);
    expect(id).not.toMatch(/^dyn-/);
  });

  it('has no token of its own: there are no client credentials, registered or asked for', async () => {
    const confidential = await here.registers({ token_endpoint_auth_method: 'client_secret_post' });
    const request = { grant_type: 'client_credentials', scope: 'project:read' };
    for (const client of [here.client, confidential]) {
      const answer = await here.changesNothing(() => client.post('token', request));
      expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
    }
  });

  it('is told apart in every token: `sub` is the person, `client_id` the client (RFC 9068 §2.2)', async () => {
    const client = await here.registers({ client_name: owner.id });
    const { access_token: access, id_token: id } = await here.connected(client, { scope: 'openid project:read' });

    expect(decodeJwt(String(access))).toMatchObject({ sub: owner.id, client_id: client.clientId });
    expect(decodeJwt(String(id))).toMatchObject({ sub: owner.id, aud: client.clientId });
  });

  it('says in no request who the person is', async () => {
    const claims = JSON.stringify({ id_token: { sub: { essential: true, value: 'somebody-else' } } });
    const asks = { scope: 'openid', prompt: 'none', claims, sub: 'somebody-else' };
    const { searchParams } = (await here.opensInVain(asks)).url;

    expect(searchParams.has('code')).toBe(false);
    expect(searchParams.get('error')).toMatch(/_required$|^invalid_request$/);
  });
});

/**
 * MCP security best practices, "Confused Deputy Problem": whoever has approved one tool is led by a link through the session
 * and the approval that are there already, and another tool gets the code.
 */
const honest = { client_name: 'Notes', redirect_uris: ['https://notes.example/cb'] };
const lookalikes: Record<string, Record<string, unknown>> = {
  'of the same name': { client_name: 'Notes', redirect_uris: ['https://evil.example/cb'] },
  'of the same name and the same redirect URI': honest,
  'that names the software of the other': { ...honest, software_id: 'notes', client_uri: 'https://notes.example' },
};
const approved = shared(async () => {
  const client = await here.registers(honest);
  await here.connected(client);
  return client;
});

const rights = async () =>
  (await Promise.all(['connection', 'authorization-code', 'refresh-line'].map((kind) => recordsOf(here.kept, kind))))
    .flat()
    .map(({ key, value }) => [key, value]);
const opens = (client: typeof approved) =>
  here.person.browser.open(client.authorizationRequest({ organization: 'acme' }).url.href);

describe('a tool that nobody approved,', () => {
  it.each(Object.entries(lookalikes))('%s, is asked about, and has nothing until then', async (_name, metadata) => {
    const evil = await here.registers(metadata);
    const before = await rights();

    const page = await opens(evil);

    expect([page.status, page.url.origin]).toEqual([200, here.server.origin]);
    expect(page.html).toContain('/consent"');
    expect(await rights()).toEqual(before);
  });

  it.each(Object.entries(lookalikes))('%s, gets no code without a page', async (_name, metadata) => {
    const asks = { prompt: 'none', organization: 'acme', scope: 'project:read' };
    const { url, status } = await here.opensInVain(asks, await here.registers(metadata));

    expect(url.searchParams.has('code')).toBe(false);
    expect(url.searchParams.get('error') ?? status).toMatch(/^(consent|interaction)_required$/);
  });

  it('does not approve itself by a form that was made for the other', async () => {
    const evil = await here.registers(lookalikes['of the same name']);
    const csrf = csrfOf(await opens(approved));
    const foreign = await opens(evil);

    const rest = await here.changesNothing(() => here.person.browser.submit(foreign, '/consent', { csrf }));

    expect(rest.status).toBe(403);
  });
});

it('the tool that was approved does not take over a code, or a refresh token, of the other', async () => {
  const other = await here.registers(honest);
  const { callback, verifier } = await here.approved(other);
  const stolen = await here.changesNothing(() => approved.exchange(callback, verifier));
  const { refresh_token: token = '' } = (await other.exchange(callback, verifier)).body;
  const renewed = await here.changesNothing(() => approved.refresh(token));

  for (const answer of [stolen, renewed])
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect((await other.refresh(token)).status).toBe(200);
});
