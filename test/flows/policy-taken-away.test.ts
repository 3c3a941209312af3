import { describe, expect, it } from '@jest/globals';
import { createIsAcceptedClient } from '../../src/clients/index.ts';
import { aboutFiles, ask, files, mail, proxiedResource } from '../forward-auth/proxied.ts';
import type { Connected } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { temporaryFolder } from '../support/process.ts';
import { redirectUri, relyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

const tool = { client_id: 'editor', client_name: 'Editor', redirect_uris: [redirectUri] };
const gateway = { client_id: 'gateway', client_secret: 'a secret that only the gateway knows', redirect_uris: [] };
const resources = [proxiedResource(files, { client: 'gateway' })];
const before = { resources, clients: [tool, gateway] };
const withoutScope = (name: string) =>
  resources.map((resource) => ({
    ...resource,
    scopes: (resource as { scopes: { name: string }[] }).scopes.filter((scope) => scope.name !== name),
  }));

interface Truth {
  readonly server: TestServer;
  readonly connected: Pick<Connected, 'accessToken' | 'refreshToken' | 'client'>;
}

/** A tool is connected; then the operator changes the policy and starts the server again, on the same store. */
async function change(after: Record<string, object>, prove: (truth: Truth) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder();
  const start = async (changes: Record<string, object>, issuer?: string) => {
    using policy = changedPolicy(changes);
    const env = { DATABASE: `${folder.path}/auth.db`, ...policy.env };
    return await startServer({ env, ...(issuer && { issuer }) });
  };
  let issuer: string;
  let tokens: Pick<Connected, 'accessToken' | 'refreshToken'>;
  {
    await using first = await start(before);
    ({ issuer } = first);
    const client = relyingParty(issuer, tool);
    const { url, verifier } = client.authorizationRequest({ resource: files, scope: 'project:read table:read' });
    const { body } = await client.exchange(await createPerson(first.origin).approves(url), verifier);
    tokens = { accessToken: body.access_token ?? '', refreshToken: body.refresh_token ?? '' };
  }
  await using server = await start({ ...before, ...after }, issuer);
  await prove({ server, connected: { ...tokens, client: relyingParty(`${server.origin}/mcp`, tool) } });
}

const atHome = ({ origin }: TestServer) => ({ issuer: `${origin}/mcp` });

async function isActive({ server, connected }: Truth) {
  const gatewayClient = relyingParty(atHome(server).issuer, gateway);
  return (await gatewayClient.post('introspect', { token: connected.accessToken })).body.active;
}

describe('what the policy takes away is refused with the next request at every gateway that asks (R119)', () => {
  it('nothing: everything goes on', async () => {
    await change({}, async (truth) => {
      const { server, connected } = truth;
      expect((await ask(atHome(server), { token: connected.accessToken, tail: aboutFiles })).status).toBe(200);
      expect(await isActive(truth)).toBe(true);
      expect((await connected.client.refresh(connected.refreshToken)).status).toBe(200);
    });
  });

  it.each([
    ['a client', { clients: [gateway] }, 'invalid_client'],
    ['a resource', { resources: [proxiedResource(mail), proxiedResource(`${mail}/more`)] }, 'invalid_grant'],
  ])('%s', async (_name, after, error) => {
    await change(after, async ({ server, connected }) => {
      const tail = 'clients' in after ? aboutFiles : `?resource=${encodeURIComponent(mail)}`;
      expect((await ask(atHome(server), { token: connected.accessToken, tail })).status).toBe(401);
      expect((await connected.client.refresh(connected.refreshToken)).body.error).toBe(error);
    });
  });

  it('a client, in the words of introspection', async () => {
    await change({ clients: [gateway] }, async (truth) => expect(await isActive(truth)).toBe(false));
  });

  it('a scope, and the tool renews without it', async () => {
    await change({ resources: withoutScope('table:read') }, async (truth) => {
      const { server, connected } = truth;
      const { status, headers } = await ask(atHome(server), { token: connected.accessToken, tail: aboutFiles });
      expect([status, headers['www-authenticate']]).toEqual([401, expect.stringContaining('invalid_token')]);
      expect(await isActive(truth)).toBe(false);

      const { body } = await connected.client.refresh(connected.refreshToken);
      expect(body.scope).toBe('project:read');
      const renewed = await ask(atHome(server), { token: String(body.access_token), tail: aboutFiles });
      expect(renewed.status).toBe(200);
    });
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
