import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createCatalogue } from '../../src/resources/index.ts';
import { files, mail, proxiedResource } from '../forward-auth/proxied.ts';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { registerClient, relyingParty, type TokenAnswer } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createPlace } from './place.ts';

const moved = 'https://files.example/v2/mcp';
const only = (uri: string | undefined, members: object = {}) => [
  { ...proxiedResource('', members), uri, name: 'Files' },
];
const ended = ({ logLines }: TestServer) => logLines.filter(({ event }) => event === 'connection.revoked');
const audience = ({ body }: TokenAnswer) => decodeJwt(body.access_token ?? '').aud;

/** A tool connects to `files`; then the operator changes the resources. */
async function change(resources: readonly object[]) {
  const place = await createPlace('SQLite');
  const request = { resource: files, scope: 'project:read' };
  const connected = await place.before((first) => connect(first, { request }), { resources: only(files) });
  const server = await place.start({ resources });
  const close = () => server.close().then(place.kept.close);
  return { ...connected, server, [Symbol.asyncDispose]: close };
}

/** A tool connects to the issuer itself; then its URL gets a path, and it names where it was. */
async function getsPath() {
  const place = await createPlace('SQLite');
  const { client, refreshToken } = await place.before(connect, { resources: only(undefined) }, { path: '' });
  const resources = only(undefined, { formerly: [place.origin] });
  const server = await place.start({ resources }, { demonstration: true });
  const close = () => server.close().then(place.kept.close);
  const there = relyingParty(server.issuer, client.registration);
  return { server, client: there, renewed: await there.refresh(refreshToken), [Symbol.asyncDispose]: close };
}

describe('a resource that moved, and names where it was (R99)', () => {
  it.each([
    ['without a resource', {}],
    ['with its old URL', { resource: files }],
    ['with its new URL', { resource: moved }],
    ['with its old URL and a query', { resource: `${files}/?a=b` }],
  ])('keeps its connections: a refresh %s brings a token for the new URL', async (_name, parameters) => {
    await using after = await change(only(moved, { formerly: [files] }));
    const renewed = await after.client.refresh(after.refreshToken, parameters);
    const again = await after.client.refresh(renewed.body.refresh_token ?? '', parameters);

    expect([renewed, again].map((each) => [each.status, audience(each)])).toEqual(Array(2).fill([200, moved]));
    expect(ended(after.server)).toEqual([]);
  });

  it('does not let its connections ask for another resource', async () => {
    await using after = await change([proxiedResource(moved, { formerly: [files] }), proxiedResource(mail)]);
    const { client, refreshToken, server } = after;
    expect((await client.refresh(refreshToken, { resource: mail })).body.error).toBe('invalid_target');
    expect((await client.refresh(refreshToken)).status).toBe(200);
    expect(ended(server)).toEqual([]);
  });

  it('may be the issuer itself, whose URL got a path', async () => {
    await using after = await getsPath();
    expect(audience(after.renewed)).toBe(after.server.issuer);
  });

  it('is guarded where it is now against what ends of connections of before', async () => {
    await using after = await getsPath();
    const { access_token, refresh_token } = after.renewed.body;
    const headers = {
      authorization: `Bearer ${access_token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const call = async () => (await fetch(after.server.issuer, { method: 'POST', headers, body })).status;
    expect(await call()).not.toBe(401);

    await after.client.post('revoke', { token: String(refresh_token) });

    await eventually(async () => (await call()) === 401);
  });

  it('knows tokens of before it moved, and revokes them', async () => {
    await using after = await change(only(moved, { formerly: [files] }));
    const { client, accessToken: token } = after;
    expect((await client.post('introspect', { token })).body).toMatchObject({ active: true, aud: files });
    expect((await client.post('revoke', { token })).status).toBe(200);
    expect((await client.post('introspect', { token })).body).toEqual({ active: false });
  });
});

describe('a resource that is served no more (R99)', () => {
  it.each([
    ['without a resource', {}],
    ['with its URL', { resource: files }],
    ['with the URL of another', { resource: mail }],
  ])('ends its connections: a refresh %s is invalid_grant, and the log has one line', async (_name, parameters) => {
    await using after = await change(only(mail));
    const { client, refreshToken, server } = after;
    const answers = await Promise.all([1, 2].map(() => client.refresh(refreshToken, parameters)));

    expect(answers.map(({ status, body }) => [status, body.error])).toEqual(Array(2).fill([400, 'invalid_grant']));
    expect(ended(server)).toEqual([expect.objectContaining({ reason: 'resource withdrawn' })]);
    expect(server.logLines).toContainEqual(expect.objectContaining({ detail: 'its resource is served no more' }));
  });

  it('does not redeem a code of before', async () => {
    await using place = await createPlace('SQLite');
    const { redeem } = await place.before(
      async ({ issuer, origin }) => approve(await registerClient(issuer), createPerson(origin), { resource: files }),
      { resources: only(files) },
    );
    await using second = await place.start({ resources: only(mail) });

    expect((await redeem()).body.error).toBe('invalid_grant');
    expect(ended(second)).toHaveLength(1);
  });
});

describe('a request that names no resource (R100)', () => {
  it('means the issuer’s own, however many are configured', async () => {
    const resources = [proxiedResource(files), ...only(undefined), proxiedResource(mail)];
    await using server = await startServer({ policy: { resources } });

    const { claims, client, refreshToken } = await connect(server, { request: { resource: undefined } });

    expect([claims.aud, audience(await client.refresh(refreshToken))]).toEqual([server.issuer, server.issuer]);
  });

  it.each([
    ['is written out', 'https://auth.example/mcp', 'https://auth.example/mcp'],
    ['is another', mail, undefined],
  ])('means it where its URI %s: %s', (_name, uri, meant) => {
    const policies = [proxiedResource(files), proxiedResource(uri)] as never;

    expect(createCatalogue(policies, 'https://auth.example/mcp').unnamed?.uri).toBe(meant);
  });
});
