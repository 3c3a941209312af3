import { followRevocations } from '@bkend/mcp-gateway';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createIsAcceptedClient } from '../../src/clients/index.ts';
import { startWeb } from '../clients/document-web.ts';
import { aboutFiles, aboutMail, ask, files, mail, proxiedResource } from '../forward-auth/proxied.ts';
import { createGateway } from '../gateway/gateway.ts';
import { connectClient } from '../support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { redirectUri, relyingParty } from '../support/relying-party.ts';
import { openStream } from '../support/revocation-stream.ts';
import type { TestServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';
import { createPlace } from './place.ts';

const tool = { client_id: 'editor', client_name: 'Editor', redirect_uris: [redirectUri] };
const described = { ...tool, client_id: 'https://tool.example.com/client.json' };
const clientSecret = 'a secret that only a gateway knows';
const filesGateway = { clientId: 'files-gateway', clientSecret };
const mailGateway = { clientId: 'mail-gateway', clientSecret };
const gatewayOfFiles = { client_id: 'files-gateway', client_secret: clientSecret, redirect_uris: [] };
const gateways = [gatewayOfFiles, { ...gatewayOfFiles, client_id: 'mail-gateway' }];
const atFiles = proxiedResource(files, { client: 'files-gateway' }) as { scopes: { name: string }[] };
const atMail = proxiedResource(mail, { client: 'mail-gateway' });
const withoutScope = { ...atFiles, scopes: atFiles.scopes.filter(({ name }) => name !== 'table:read') };
const withoutClient = { clients: gateways };
const withoutTables = { resources: [withoutScope, atMail] };
const withRole = (owner: object) => ({ roles: { owner } });

const web = shared(startWeb);
beforeAll(() => web.serveJson(described.client_id, described));

const placeWith = (kind: TestStoreKind) => {
  const usual = { resources: [atFiles, atMail], clients: [tool, ...gateways] };
  return createPlace(kind, usual, { parts: { network: web.network } });
};

/** A tool that is connected to `files`. */
const connectAt = ({ issuer, origin }: TestServer, registration = tool) => {
  const request = { resource: files, scope: 'project:read project:create table:read' };
  return connectClient(relyingParty(issuer, registration), createPerson(origin), request);
};

describe('what the policy takes away is refused with the next request at every gateway that asks (R119)', () => {
  /** A tool is connected; then the operator changes the policy and starts the server again, on the same store. */
  async function change(after: Record<string, object>) {
    const place = await placeWith('SQLite');
    const { client, accessToken, refreshToken } = await place.before((first) => connectAt(first));
    const server = await place.start(after);
    const asGateway = relyingParty(server.issuer, gatewayOfFiles);
    return {
      /** What a gateway is answered that asks about a request with this token. */
      asks: (tail = aboutFiles, token = accessToken) => ask(server, { token, tail }),
      isActive: async () => (await asGateway.post('introspect', { token: accessToken })).body.active,
      refresh: () => client.refresh(refreshToken),
      [Symbol.asyncDispose]: () => server.close().then(place.kept.close),
    };
  }

  it('nothing: everything goes on', async () => {
    await using after = await change({});
    expect([(await after.asks()).status, await after.isActive()]).toEqual([200, true]);
    expect((await after.refresh()).status).toBe(200);
  });

  const withoutFiles = { resources: [mail, `${mail}/more`].map((uri) => proxiedResource(uri)) };
  it.each([
    ['a client', withoutClient, aboutFiles, 'invalid_client'],
    ['a resource', withoutFiles, aboutMail, 'invalid_grant'],
  ])('%s', async (_name, taken, tail, error) => {
    await using after = await change(taken);
    expect((await after.asks(tail)).status).toBe(401);
    expect((await after.refresh()).body.error).toBe(error);
  });

  it('a client, in the words of introspection', async () => {
    await using after = await change(withoutClient);
    expect(await after.isActive()).toBe(false);
  });

  it('a scope, and the tool renews without it', async () => {
    await using after = await change(withoutTables);
    const { status, headers } = await after.asks();
    expect([status, headers['www-authenticate']]).toEqual([401, expect.stringContaining('invalid_token')]);
    expect(await after.isActive()).toBe(false);

    const { body } = await after.refresh();
    expect(body.scope).toBe('project:read project:create');
    expect((await after.asks(aboutFiles, body.access_token)).status).toBe(200);
  });
});

/** The gateway of `files`, which asks nobody about a request. */
async function follow(issuer: string) {
  const revocations = followRevocations({ issuer, ...filesGateway });
  const gateway = await createGateway(issuer, { resource: files, scopes: [], revocations });
  await revocations.ready();
  return {
    status: async (token: string) => (await gateway.call(token)).status,
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
    ['a client', withoutClient, 'invalid_client'],
    ['a resource', { resources: [atMail] }, 'invalid_grant'],
    ['a scope', withoutTables, 'project:read project:create'],
    ['scopes of a role', withRole({ allow: ['*:read'] }), 'project:read table:read'],
    ['a scope that a role is denied', withRole({ allow: ['*:*'], except: ['*:create'] }), 'project:read table:read'],
    ['the host of a document', { clientDocuments: { deny: ['*.example.com'] } }, 'invalid_client', described],
    ['hosts that are not named', { clientDocuments: { allow: ['other.example'] } }, 'invalid_client', described],
    ['all documents', { clientDocuments: { enabled: false } }, 'invalid_client', described],
  ])('is refused by a gateway that only follows the feed: %s', async (_name, after, outcome, client = tool) => {
    await using place = await placeWith(kind);
    const connected = await place.before(async (first) => {
      const before = await connectAt(first, client);
      await using gateway = await follow(first.issuer);
      expect(await gateway.status(before.accessToken)).toBe(200);
      return before;
    });

    await using second = await place.start(after);
    await using gateway = await follow(second.issuer);
    expect(await gateway.status(connected.accessToken)).toBe(401);

    const { body } = await connected.client.refresh(connected.refreshToken);
    expect(body.error ?? body.scope).toBe(outcome);
    if (body.access_token) expect(await gateway.status(body.access_token)).toBe(200);
  });

  it('reaches a gateway that was following when the server was started anew', async () => {
    await using place = await placeWith(kind);
    const first = await place.start();
    const { accessToken } = await connectAt(first);
    await using gateway = await follow(first.issuer);
    await first.close();
    await using _second = await place.start(withoutClient);
    await eventually(async () => (await gateway.status(accessToken)) === 401);
  });

  it('is nothing where nothing was taken: not at the first start, not by what is added, not without a change', async () => {
    await using place = await placeWith(kind);
    const recorded = async () => (await place.kept.records()).find(({ key }) => key.endsWith('policy'))?.value;
    const written: (string | undefined)[] = [];
    for (const changes of [{ ...withoutTables, ...withoutClient }, {}, {}]) {
      await using server = await place.start(changes);
      expect([...(await told(server.issuer)), ...(await told(server.issuer, mailGateway))]).toEqual([]);
      written.push(await recorded());
    }
    expect(new Set(written).size).toBe(2);
    expect(written[2]).toBe(written[1]);
  });

  it('is told to the gateways that it is about: of one resource to its own, of a client to all', async () => {
    await using place = await placeWith(kind);
    await (await place.start()).close();
    await using server = await place.start({ ...withoutTables, ...withoutClient });
    const ofClient = { kind: 'policy', about: 'client', id: 'editor', served: false, reason: 'policy changed' };
    const entries = await told(server.issuer);
    expect(entries).toContainEqual(expect.objectContaining(ofClient));
    expect(entries).toContainEqual(expect.objectContaining({ about: 'resource', resource: files, served: true }));
    expect(await told(server.issuer, mailGateway)).toEqual([expect.objectContaining(ofClient)]);
  });

  it('counts no longer where it is given back, for tokens of any time', async () => {
    await using place = await placeWith(kind);
    const { accessToken } = await place.before((first) => connectAt(first));
    for (const taken of [withoutClient, withoutTables, withRole({ allow: ['*:read'] })]) {
      await (await place.start(taken)).close();
      await using server = await place.start();
      await using gateway = await follow(server.issuer);
      expect(await gateway.status(accessToken)).toBe(200);
      expect(await gateway.status((await connectAt(server)).accessToken)).toBe(200);
    }
  });

  it('stays taken beside a node that runs on with the policy of before, and ends what that one still issues', async () => {
    await using place = await placeWith(kind);
    await using older = await place.start();
    await using _newer = await place.start(withoutTables, { at: 'another' });
    const { accessToken } = await connectAt(older);
    await using gateway = await follow(older.issuer);
    expect(await gateway.status(accessToken)).toBe(401);
    const count = (await told(older.issuer)).length;
    // Another node of the same change, at once: all is told.
    await using _newest = await place.start(withoutTables, { at: 'another' });
    expect(await told(older.issuer)).toHaveLength(count);
  });
});

describe('a change of the policy that takes its time from node to node (R119)', () => {
  it('is told anew by each of them, for as long as tokens of before it can live', async () => {
    await using place = await placeWith('SQLite');
    await using older = await place.start();
    await (await place.start(withoutTables, { at: 'another' })).close();
    await place.kept.pass(120);
    const { accessToken } = await connectAt(older);
    await (await place.start(withoutTables, { at: 'another' })).close();
    const entries = (await told(older.issuer)).filter(({ about }) => about === 'resource');
    const { iat = 0 } = decodeJwt(accessToken);
    expect(entries.map(({ at }) => Number(at) >= iat)).toEqual([false, true]);

    await place.kept.pass(3600 + 360);
    await (await place.start(withoutTables, { at: 'another' })).close();
    expect(await told(older.issuer)).toEqual([]);
  });

  it('is as the last of those says that start in the same moment', async () => {
    for (let time = 0; time < 5; time += 1) {
      await using place = await placeWith('SQLite');
      await (await place.start()).close();
      const changes = [withoutClient, withoutTables];
      const nodes = await Promise.all(changes.map((each) => place.start(each, { at: 'another' })));
      for (const node of nodes) await node.close();
      await using last = await place.start();
      const newest = new Map((await told(last.issuer)).map((entry) => [`${entry.about} ${entry.id}`, entry]));
      expect(newest.get('client editor')?.served ?? true).toBe(true);
      expect(newest.get('resource undefined')?.scopes ?? ['table:read']).toContain('table:read');
    }
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
