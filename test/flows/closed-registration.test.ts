import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { redirectUri, relyingParty } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { testStores } from '../support/test-store.ts';

const configured = { client_id: 'editor', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' };

const metadataPlaces = ['oauth-authorization-server', 'openid-configuration', 'oauth-protected-resource'].flatMap(
  (name) => [`/.well-known/${name}`, `/.well-known/${name}/mcp`],
);

describe('a server whose registration is closed', () => {
  const server = shared(() => startServer({ policy: { registration: 'closed', clients: [configured] } }));

  it('does not advertise it, and has no such endpoint', async () => {
    for (const place of metadataPlaces) {
      const metadata = await fetch(server.origin + place);
      expect({ place, status: metadata.status }).toEqual({ place, status: 200 });
      // Nor anywhere below it: in aliases, or in what a document says of a resource.
      expect(await metadata.text()).not.toContain('regist');
    }
    for (const place of [`${server.issuer}/oauth/register`, `${server.origin}/register`]) {
      const body = JSON.stringify({ redirect_uris: [redirectUri] });
      const answer = await fetch(place, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      expect({ status: answer.status, ...((await answer.json()) as object) }).toMatchObject({
        status: 404,
        error: 'not_found',
      });
    }
    expect((await fetch(`${server.issuer}/oauth/register/dyn-any`, { method: 'DELETE' })).status).toBe(404);
  });

  it('says to whoever opens it, and to whom it does not know, nothing that leads there', async () => {
    const { url } = relyingParty(server.issuer, { ...configured, client_id: 'dyn-gone' }).authorizationRequest();
    for (const place of [server.issuer, server.origin, url.href]) {
      const page = await fetch(place, { headers: { Accept: 'text/html' } });
      expect(page.headers.get('content-type')).toMatch(/^text\/html/);
      expect(await page.text()).not.toMatch(/oauth\/register|has to register|add it again/i);
    }
    const said = await (await fetch(url, { headers: { Accept: 'text/html' } })).text();
    expect(said).toContain('Ask whoever runs this server to add your tool');
  });

  it('serves the clients of its configuration', async () => {
    const client = relyingParty(server.issuer, configured);
    const { url, verifier } = client.authorizationRequest();

    const answer = await client.exchange(await createPerson(server.origin).approves(url), verifier);

    expect(answer.status).toBe(200);
  });
});

it('lets those go on that registered before it was closed', async () => {
  await using kept = await testStores.SQLite();
  const open = await startServer({ env: kept.env });
  const { client, refreshToken } = await connect(open);
  await open.close();
  using policy = changedPolicy({ registration: 'closed' });
  // Elsewhere, because the connection that is kept alive is gone with the first.
  await using closed = await startServer({ env: { ...kept.env, ...policy.env }, issuer: open.issuer });
  const same = relyingParty(`${closed.origin}/mcp`, client.registration);

  expect((await same.refresh(refreshToken)).status).toBe(200);
});
