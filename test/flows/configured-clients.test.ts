import { describe, expect, it } from '@jest/globals';
import { connect, connectClient } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { redirectUri, relyingParty } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { createPlace } from './place.ts';

/** `openssl rand -base64 32` makes such. */
const generated = 'q7+7c9/Zr+1mXo4pJt0GvK2sYbQ5hNdWuE8aLfRi3g=';
const secrets: Record<string, string> = {
  generated,
  blank: 'two words',
  plus: 'a+b',
  unpadded: 'abc+def+ghi',
  percent: '100%+1',
  escaped: 'a%2Bb',
  colon: 'a+b:c/d',
  'gate+way/1': generated,
};
const tool = { client_id: 'tool', redirect_uris: [` ${redirectUri} `], scope: 'project:read' };

const server = shared(() => {
  const confidential = Object.entries(secrets).map(([client_id, client_secret]) => ({ client_id, client_secret }));
  const clients = [tool, ...confidential.map((client) => ({ ...client, redirect_uris: [] }))];
  return startServer({ policy: { clients } });
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const raw = (id: string, secret: string) => base64(`${id}:${secret}`);
const percents = (id: string, secret: string) => base64([id, secret].map(encodeURIComponent).join(':'));
const form = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
const formEncoded = (id: string, secret: string) => base64([id, secret].map(form).join(':'));

async function introspect(credentials: string, more = {}) {
  const body = new URLSearchParams({ token: 'unknown', ...more });
  const headers = { Authorization: `Basic ${credentials}` };
  return (await fetch(`${server.issuer}/oauth/introspect`, { method: 'POST', headers, body })).status;
}

describe('a configured client with a secret', () => {
  it.each(Object.entries(secrets))('%s: %s authenticates by header, however it spells it (R58)', async (id, secret) => {
    for (const spell of [raw, percents, formEncoded]) expect(await introspect(spell(id, secret))).toBe(200);
  });

  it.each(Object.entries(secrets))('%s: %s may repeat it in the body (R58)', async (id, secret) => {
    for (const spell of [raw, percents, formEncoded]) {
      expect(await introspect(spell(id, secret), { client_id: id, client_secret: secret })).toBe(200);
    }
  });

  it.each([
    ['a blank for its plus', raw('plus', 'a b')],
    ['the encoded blank for its plus', raw('plus', 'a%20b')],
    ['a plus, encoded, for its blank', raw('blank', 'two%2Bwords')],
    ['its plus for its escape', raw('escaped', 'a+b')],
    ['its secret encoded twice', raw('generated', form(form(generated)))],
    ['the secret of another', raw('plus', generated)],
    ['a broken escape', raw('generated', `${generated}%`)],
  ])('is refused with %s', async (_name, credentials) => {
    expect([400, 401]).toContain(await introspect(credentials));
  });

  it('is refused with another one in the body', async () => {
    expect(await introspect(raw('plus', 'a+b'), { client_secret: 'a b c' })).toBe(400);
  });
});

describe('a configured client', () => {
  const connects = (scope: string) => {
    const client = relyingParty(server.issuer, { ...tool, redirect_uris: [redirectUri] });
    return connectClient(client, createPerson(server.origin), { scope });
  };

  it('may ask for more than its scope says, like every other (R16)', async () => {
    expect((await connects('project:read project:create')).claims.scope).toBe('project:read project:create');
  });

  it('has a scope that its operator is told of', () => {
    const told = { level: 40, event: 'client.scope', client: 'tool' };
    expect(server.logLines).toContainEqual(expect.objectContaining(told));
  });

  it.each([' project:read', 'project:read  project:create ', 'project:read\tproject:create', ' '])(
    'may pad its scope at a refresh: %j (R34)',
    async (scope) => {
      const { client, refreshToken } = await connects('project:read project:create');
      expect((await client.refresh(refreshToken, { scope })).status).toBe(200);
    },
  );
});

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
