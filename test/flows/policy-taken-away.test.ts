import { describe, expect, it } from '@jest/globals';
import { createIsAcceptedClient } from '../../src/clients/index.ts';
import { aboutFiles, ask, files, mail, proxiedResource } from '../forward-auth/proxied.ts';
import { connectClient } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { redirectUri, relyingParty } from '../support/relying-party.ts';
import { createPlace } from './place.ts';

const tool = { client_id: 'editor', client_name: 'Editor', redirect_uris: [redirectUri] };
const gateway = { client_id: 'gateway', client_secret: 'a secret that only the gateway knows', redirect_uris: [] };
const atFiles = proxiedResource(files, { client: 'gateway' }) as { scopes: { name: string }[] };
const withoutScope = { ...atFiles, scopes: atFiles.scopes.filter(({ name }) => name !== 'table:read') };
const request = { resource: files, scope: 'project:read table:read' };

/** A tool is connected; then the operator changes the policy and starts the server again, on the same store. */
async function change(after: Record<string, object>) {
  const place = await createPlace('SQLite', { resources: [atFiles], clients: [tool, gateway] });
  const { client, accessToken, refreshToken } = await place.before(({ issuer, origin }) =>
    connectClient(relyingParty(issuer, tool), createPerson(origin), request),
  );
  const server = await place.start(after);
  const asGateway = relyingParty(server.issuer, gateway);
  return {
    /** What a gateway is answered that asks about a request with this token. */
    asks: (tail = aboutFiles, token = accessToken) => ask(server, { token, tail }),
    isActive: async () => (await asGateway.post('introspect', { token: accessToken })).body.active,
    refresh: () => client.refresh(refreshToken),
    [Symbol.asyncDispose]: () => server.close().then(place.kept.close),
  };
}

describe('what the policy takes away is refused with the next request at every gateway that asks (R119)', () => {
  it('nothing: everything goes on', async () => {
    await using after = await change({});
    expect((await after.asks()).status).toBe(200);
    expect(await after.isActive()).toBe(true);
    expect((await after.refresh()).status).toBe(200);
  });

  const aboutMail = `?resource=${encodeURIComponent(mail)}`;
  it.each([
    ['a client', { clients: [gateway] }, aboutFiles, 'invalid_client'],
    [
      'a resource',
      { resources: [mail, `${mail}/more`].map((uri) => proxiedResource(uri)) },
      aboutMail,
      'invalid_grant',
    ],
  ])('%s', async (_name, taken, tail, error) => {
    await using after = await change(taken);
    expect((await after.asks(tail)).status).toBe(401);
    expect((await after.refresh()).body.error).toBe(error);
  });

  it('a client, in the words of introspection', async () => {
    await using after = await change({ clients: [gateway] });
    expect(await after.isActive()).toBe(false);
  });

  it('a scope, and the tool renews without it', async () => {
    await using after = await change({ resources: [withoutScope] });
    const { status, headers } = await after.asks();
    expect([status, headers['www-authenticate']]).toEqual([401, expect.stringContaining('invalid_token')]);
    expect(await after.isActive()).toBe(false);

    const { body } = await after.refresh();
    expect(body.scope).toBe('project:read');
    expect((await after.asks(aboutFiles, body.access_token)).status).toBe(200);
  });
});

describe('a client that people approved', () => {
  const id = 'https://tool.example.com/client.json';
  const accepts = (documents: object, clientId = id) =>
    createIsAcceptedClient({
      documents: { enabled: true, allow: [], deny: [], ...documents },
      isConfigured: (known) => known === 'editor',
    })(clientId);

  it.each([
    ['whose document is from anywhere', {}, id],
    ['whose host is allowed', { allow: ['*.example.com'] }, id],
    ['that registered itself', { enabled: false }, 'dyn-abc'],
    ['that is configured', { enabled: false }, 'editor'],
  ])('has a place: one %s', (_name, documents, clientId) => expect(accepts(documents, clientId)).toBe(true));

  it.each([
    ['whose host is denied now', { deny: ['tool.example.com'] }, id],
    ['whose host is allowed no more', { allow: ['other.example.com'] }, id],
    ['whose document counts no more', { enabled: false }, id],
    ['that is configured no more', {}, 'former-editor'],
  ])('has none: one %s', (_name, documents, clientId) => expect(accepts(documents, clientId)).toBe(false));
});
