import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createCatalogue } from '../../src/resources/index.ts';
import { files, mail, proxiedResource } from '../forward-auth/proxied.ts';
import { type Connected, connect } from '../support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { temporaryFolder } from '../support/process.ts';
import { registerClient, relyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer, type TestServerOptions } from '../support/server.ts';

/** One life of a server, on a store that outlives it. */
async function live(
  folder: string,
  resources: readonly object[],
  options: TestServerOptions = {},
): Promise<TestServer> {
  return await startServer({ ...options, env: { DATABASE: `${folder}/auth.db` }, policy: { resources } });
}

/** A tool connects to `files`; then the operator changes the resources. */
async function change(after: readonly object[], prove: (server: TestServer, connected: Connected) => Promise<void>) {
  await using folder = await temporaryFolder();
  let connected: Connected;
  let issuer: string;
  {
    await using first = await live(folder.path, only(files));
    ({ issuer } = first);
    connected = await connect(first, { request: { resource: files, scope: 'project:read' } });
  }
  await using second = await live(folder.path, after, { issuer });
  const client = relyingParty(atHome(second).issuer, connected.client.registration);
  await prove(second, { ...connected, client });
}

/** Where it listens, and not where its issuer says. */
const atHome = ({ origin }: TestServer) => ({ origin, issuer: `${origin}/mcp` });
const moved = 'https://files.example/v2/mcp';
const only = (uri: string | undefined, members: object = {}) => [
  { ...proxiedResource('', members), uri, name: 'Files' },
];
const ended = ({ logLines }: TestServer) => logLines.filter(({ event }) => event === 'connection.revoked');

describe('a resource that moved, and names where it was (R99)', () => {
  it.each([
    ['without a resource', {}],
    ['with its old URL', { resource: files }],
    ['with its new URL', { resource: moved }],
    ['with its old URL and a query', { resource: `${files}/?a=b` }],
  ])('keeps its connections: a refresh %s brings a token for the new URL', async (_name, parameters) => {
    const after = only(moved, { formerly: [files] });
    await change(after, async (server, { client, refreshToken }) => {
      const renewed = await client.refresh(refreshToken, parameters);
      const again = await client.refresh(renewed.body.refresh_token ?? '', parameters);

      for (const { status, body } of [renewed, again]) {
        expect([status, decodeJwt(body.access_token ?? '').aud]).toEqual([200, moved]);
      }
      expect(ended(server)).toEqual([]);
    });
  });

  it('does not let its connections ask for another resource', async () => {
    const after = [proxiedResource(moved, { formerly: [files] }), proxiedResource(mail)];
    await change(after, async (server, { client, refreshToken }) => {
      expect((await client.refresh(refreshToken, { resource: mail })).body.error).toBe('invalid_target');
      expect((await client.refresh(refreshToken)).status).toBe(200);
      expect(ended(server)).toEqual([]);
    });
  });

  it('may be the issuer itself, whose URL got a path', async () => {
    await using folder = await temporaryFolder();
    let connected: Connected;
    {
      await using first = await live(folder.path, only(undefined), { path: '' });
      connected = await connect(first);
    }
    const formerly = [String(connected.claims.aud)];
    await using second = await live(folder.path, only(undefined, { formerly }));

    const client = relyingParty(second.issuer, connected.client.registration);

    const { body } = await client.refresh(connected.refreshToken);
    expect(decodeJwt(body.access_token ?? '').aud).toBe(second.issuer);
  });

  it('is guarded where it is now against what ends of connections of before', async () => {
    await using folder = await temporaryFolder();
    let connected: Connected;
    {
      await using first = await live(folder.path, only(undefined), { path: '' });
      connected = await connect(first);
    }
    const formerly = [String(connected.claims.aud)];
    const guarded = only(undefined, { formerly });
    await using second = await live(folder.path, guarded, { demonstration: true });
    const client = relyingParty(second.issuer, connected.client.registration);
    const { body } = await client.refresh(connected.refreshToken);
    const call = () =>
      fetch(second.issuer, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${body.access_token}`,
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
      }).then(({ status }) => status);
    expect(await call()).not.toBe(401);

    await client.post('revoke', { token: String(body.refresh_token) });

    await eventually(async () => (await call()) === 401);
  });

  it('knows tokens of before it moved, and revokes them', async () => {
    const after = only(moved, { formerly: [files] });
    await change(after, async (_server, { client, accessToken: token }) => {
      expect((await client.post('introspect', { token })).body).toMatchObject({ active: true, aud: files });
      expect((await client.post('revoke', { token })).status).toBe(200);
      expect((await client.post('introspect', { token })).body).toEqual({ active: false });
    });
  });
});

describe('a resource that is served no more (R99)', () => {
  it.each([
    ['without a resource', undefined],
    ['with its URL', files],
    ['with the URL of another', mail],
  ])('ends its connections: a refresh %s is invalid_grant, and the log has one line', async (_name, resource) => {
    await change(only(mail), async (server, { client, refreshToken }) => {
      const answers = [1, 2].map(() => client.refresh(refreshToken, resource === undefined ? {} : { resource }));

      for (const { status, body } of await Promise.all(answers)) {
        expect([status, body.error]).toEqual([400, 'invalid_grant']);
      }
      expect(ended(server)).toEqual([expect.objectContaining({ reason: 'resource withdrawn' })]);
      expect(server.logLines).toContainEqual(expect.objectContaining({ detail: 'its resource is served no more' }));
    });
  });

  it('does not redeem a code of before', async () => {
    await using folder = await temporaryFolder();
    let issuer: string;
    let approved: { registration: Record<string, unknown>; callback: URL; verifier: string };
    {
      await using first = await live(folder.path, only(files));
      ({ issuer } = first);
      const { registration, authorizationRequest } = await registerClient(issuer);
      const { url, verifier } = authorizationRequest({ resource: files });
      approved = { registration, verifier, callback: await createPerson(first.origin).approves(url) };
    }
    await using second = await live(folder.path, only(mail), { issuer });
    const client = relyingParty(atHome(second).issuer, approved.registration);

    expect((await client.exchange(approved.callback, approved.verifier)).body.error).toBe('invalid_grant');
    expect(ended(second)).toHaveLength(1);
  });
});

describe('a request that names no resource (R100)', () => {
  it('means the issuer’s own, however many are configured', async () => {
    await using server = await startServer({
      policy: {
        resources: [proxiedResource(files), ...only(undefined), proxiedResource(mail)],
      },
    });

    const { claims, client, refreshToken } = await connect(server, { request: { resource: undefined } });

    expect(claims.aud).toBe(server.issuer);
    expect(decodeJwt((await client.refresh(refreshToken)).body.access_token ?? '').aud).toBe(server.issuer);
  });

  it.each([
    ['is written out', 'https://auth.example/mcp', 'https://auth.example/mcp'],
    ['is another', mail, undefined],
  ])('means it where its URI %s: %s', (_name, uri, meant) => {
    const policies = [proxiedResource(files), proxiedResource(uri)] as never;

    expect(createCatalogue(policies, 'https://auth.example/mcp').unnamed?.uri).toBe(meant);
  });
});
