import { type FollowedRevocations, followRevocations } from '@bkend/mcp-gateway';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { startWeb } from '../clients/document-web.ts';
import { files, mail, proxiedResource } from '../forward-auth/proxied.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { eventually } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { freePort } from '../support/redis.ts';
import { redirectUri, relyingParty } from '../support/relying-party.ts';
import { openStream } from '../support/revocation-stream.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type TestStore, type TestStoreKind, testStores } from '../support/test-store.ts';

const tool = { client_id: 'editor', client_name: 'Editor', redirect_uris: [redirectUri] };
const described = { ...tool, client_id: 'https://tool.example.com/client.json' };
const secret = 'a secret that only a gateway knows';
const [filesGateway, mailGateway] = ['files-gateway', 'mail-gateway'].map((clientId) => ({
  clientId,
  clientSecret: secret,
})) as [Credentials, Credentials];
const gateways = [filesGateway, mailGateway].map(({ clientId }) => ({
  client_id: clientId,
  client_secret: secret,
  redirect_uris: [],
}));
const atFiles = proxiedResource(files, { client: 'files-gateway' }) as { scopes: { name: string }[] };
const atMail = proxiedResource(mail, { client: 'mail-gateway' });
const before = { resources: [atFiles, atMail], clients: [tool, ...gateways] };
const withoutScope = { ...atFiles, scopes: atFiles.scopes.filter(({ name }) => name !== 'table:read') };
const withRole = (owner: object) => ({ roles: { owner } });

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** One store and one address, whatever lives there. */
interface Place extends AsyncDisposable {
  readonly kept: TestStore;
  start(changes?: Record<string, object>, at?: 'its address' | 'another'): Promise<TestServer>;
}

const web = shared(startWeb);
beforeAll(async () => {
  web.serveJson(described.client_id, described);
});

async function createPlace(kind: TestStoreKind): Promise<Place> {
  const kept = await testStores[kind]();
  const port = await freePort();
  const issuer = `http://localhost:${port}/mcp`;
  return {
    kept,
    async start(changes = {}, at = 'its address') {
      using policy = changedPolicy({ ...before, ...changes });
      const options = { env: { ...kept.env, ...policy.env }, issuer, ...(at === 'its address' && { port }) };
      return await startServer({ ...options, parts: { ...kept.parts, network: web.network } });
    },
    [Symbol.asyncDispose]: kept.close,
  };
}

const scope = 'project:read project:create table:read';

/** A tool that is connected to `files`. */
async function connectAt({ issuer, origin }: TestServer, registration = tool) {
  const client = relyingParty(issuer, registration);
  const { url, verifier } = client.authorizationRequest({ resource: files, scope });
  const { body } = await client.exchange(await createPerson(origin).approves(url), verifier);
  return { client, accessToken: String(body.access_token), refreshToken: String(body.refresh_token) };
}

interface Following extends AsyncDisposable {
  readonly revocations: FollowedRevocations;
  status(accessToken: string): Promise<number>;
}

/** The gateway of `files`, which asks nobody about a request. */
async function follow(issuer: string): Promise<Following> {
  const revocations = followRevocations({ issuer, ...filesGateway });
  const gateway: Gateway = await createGateway(issuer, { resource: files, scopes: [], revocations });
  await revocations.ready();
  return {
    revocations,
    status: async (token) => (await gateway.call(token)).status,
    async [Symbol.asyncDispose]() {
      revocations.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

async function told(issuer: string, client = filesGateway) {
  await using stream = await openStream(issuer, undefined, { client });
  return (await stream.untilCurrent()).map(({ entry }) => entry);
}

describe.each(Object.keys(testStores) as TestStoreKind[])('what the policy takes away (R119), with %s,', (kind) => {
  it.each<[string, Record<string, object>, string, typeof tool?]>([
    ['a client', { clients: gateways }, 'invalid_client'],
    ['a resource', { resources: [atMail] }, 'invalid_grant'],
    ['a scope', { resources: [withoutScope, atMail] }, 'project:read project:create'],
    ['scopes of a role', withRole({ allow: ['*:read'] }), 'project:read table:read'],
    ['a scope that a role is denied', withRole({ allow: ['*:*'], except: ['*:create'] }), 'project:read table:read'],
    ['the host of a document', { clientDocuments: { deny: ['*.example.com'] } }, 'invalid_client', described],
    ['hosts that are not named', { clientDocuments: { allow: ['other.example'] } }, 'invalid_client', described],
    ['all documents', { clientDocuments: { enabled: false } }, 'invalid_client', described],
  ])('is refused by a gateway that only follows the feed: %s', async (_name, after, outcome, client = tool) => {
    await using place = await createPlace(kind);
    const first = await place.start();
    const connected = await connectAt(first, client);
    {
      await using gateway = await follow(first.issuer);
      expect(await gateway.status(connected.accessToken)).toBe(200);
    }
    await first.close();

    await using second = await place.start(after);
    await using gateway = await follow(second.issuer);
    expect(await gateway.status(connected.accessToken)).toBe(401);

    const { body } = await connected.client.refresh(connected.refreshToken);
    expect(body.error ?? body.scope).toBe(outcome);
    if (body.access_token) expect(await gateway.status(body.access_token)).toBe(200);
  });

  it('reaches a gateway that was following when the server was started anew', async () => {
    await using place = await createPlace(kind);
    const first = await place.start();
    const { accessToken } = await connectAt(first);
    await using gateway = await follow(first.issuer);
    await first.close();
    await using _second = await place.start({ clients: gateways });
    await eventually(async () => (await gateway.status(accessToken)) === 401);
  });

  it('is nothing where nothing was taken: not at the first start, not by what is added, not without a change', async () => {
    await using place = await createPlace(kind);
    const recorded = async () => (await place.kept.records()).find(({ key }) => key.endsWith('policy'))?.value;
    const written: (string | undefined)[] = [];
    for (const changes of [{ resources: [withoutScope, atMail], clients: gateways }, {}, {}]) {
      await using server = await place.start(changes);
      expect([...(await told(server.issuer)), ...(await told(server.issuer, mailGateway))]).toEqual([]);
      written.push(await recorded());
    }
    expect(new Set(written).size).toBe(2);
    expect(written[2]).toBe(written[1]);
  });

  it('is told to the gateways that it is about: of one resource to its own, of a client to all', async () => {
    await using place = await createPlace(kind);
    await (await place.start()).close();
    await using server = await place.start({ resources: [withoutScope, atMail], clients: gateways });
    const ofClient = { kind: 'policy', about: 'client', id: 'editor', served: false, reason: 'policy changed' };
    const entries = await told(server.issuer);
    expect(entries).toContainEqual(expect.objectContaining(ofClient));
    expect(entries).toContainEqual(expect.objectContaining({ about: 'resource', resource: files, served: true }));
    expect(await told(server.issuer, mailGateway)).toEqual([expect.objectContaining(ofClient)]);
  });

  it('counts no longer where it is given back, for tokens of any time', async () => {
    await using place = await createPlace(kind);
    const first = await place.start();
    const { accessToken } = await connectAt(first);
    await first.close();
    for (const taken of [
      { clients: gateways },
      { resources: [withoutScope, atMail] },
      withRole({ allow: ['*:read'] }),
    ]) {
      await (await place.start(taken)).close();
      const server = await place.start();
      await using gateway = await follow(server.issuer);
      expect(await gateway.status(accessToken)).toBe(200);
      expect(await gateway.status((await connectAt(server)).accessToken)).toBe(200);
      await server.close();
    }
  });

  it('stays taken beside a node that runs on with the policy of before, and ends what that one still issues', async () => {
    await using place = await createPlace(kind);
    await using older = await place.start();
    await using _newer = await place.start({ resources: [withoutScope, atMail] }, 'another');
    const { accessToken } = await connectAt(older);
    await using gateway = await follow(older.issuer);
    expect(await gateway.status(accessToken)).toBe(401);
    const count = (await told(older.issuer)).length;
    // Another node of the same change, at once: all is told.
    await using _newest = await place.start({ resources: [withoutScope, atMail] }, 'another');
    expect(await told(older.issuer)).toHaveLength(count);
  });
});

describe('a change of the policy that takes its time from node to node (R119)', () => {
  it('is told anew by each of them, for as long as tokens of before it can live', async () => {
    await using place = await createPlace('SQLite');
    const taken = { resources: [withoutScope, atMail] };
    await using older = await place.start();
    await (await place.start(taken, 'another')).close();
    await place.kept.pass(120);
    const { accessToken } = await connectAt(older);
    await (await place.start(taken, 'another')).close();
    const entries = (await told(older.issuer)).filter(({ about }) => about === 'resource');
    const { iat = 0 } = decodeJwt(accessToken);
    expect(entries.map(({ at }) => Number(at) >= iat)).toEqual([false, true]);

    await place.kept.pass(3600 + 360);
    await (await place.start(taken, 'another')).close();
    expect(await told(older.issuer)).toEqual([]);
  });

  it('is as the last of those says that start in the same moment', async () => {
    for (let time = 0; time < 5; time += 1) {
      await using place = await createPlace('SQLite');
      await (await place.start()).close();
      const changes = [{ clients: gateways }, { resources: [withoutScope, atMail] }];
      const nodes = await Promise.all(changes.map((each) => place.start(each, 'another')));
      for (const node of nodes) await node.close();
      await using last = await place.start();
      const newest = new Map((await told(last.issuer)).map((entry) => [`${entry.about} ${entry.id}`, entry]));
      expect(newest.get('client editor')?.served ?? true).toBe(true);
      expect(newest.get('resource undefined')?.scopes ?? ['table:read']).toContain('table:read');
    }
  });
});
