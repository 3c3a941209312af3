import { describe, expect, it } from '@jest/globals';
import { connect, connectClient } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { redirectUri, relyingParty } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { createPlace } from './place.ts';

const configured = { client_id: 'editor', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' };

const metadataPlaces = ['oauth-authorization-server', 'openid-configuration', 'oauth-protected-resource'].flatMap(
  (name) => [`/.well-known/${name}`, `/.well-known/${name}/mcp`],
);

describe('a server whose registration is closed', () => {
  const server = shared(() => startServer({ policy: { registration: 'closed', clients: [configured] } }));

  it('does not advertise it, and has no such endpoint', async () => {
    for (const place of metadataPlaces) {
      const metadata = await fetch(server.origin + place);
      expect([place, metadata.status]).toEqual([place, 200]);
      // Nor anywhere below it: in aliases, or in what a document says of a resource.
      expect(await metadata.text()).not.toContain('regist');
    }
    const body = JSON.stringify({ redirect_uris: [redirectUri] });
    for (const place of [`${server.issuer}/oauth/register`, `${server.origin}/register`]) {
      const answer = await fetch(place, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      expect([answer.status, await answer.json()]).toMatchObject([404, { error: 'not_found' }]);
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

    expect((await connectClient(client, createPerson(server.origin))).answer.status).toBe(200);
  });
});

it('lets those go on that registered before it was closed', async () => {
  await using place = await createPlace('SQLite');
  const { client, refreshToken } = await place.before(connect);
  await using _closed = await place.start({ registration: 'closed' });

  expect((await client.refresh(refreshToken)).status).toBe(200);
});
