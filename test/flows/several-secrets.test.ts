import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import type { Directory } from '../../src/directory/index.ts';
import { type Approval, approve } from '../support/approval.ts';
import { type Connected, connect } from '../support/connect.ts';
import { manage, refusal } from '../support/endpoints.ts';
import { untilReady } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type TestStore, type TestStoreKind, testStores } from '../support/test-store.ts';

const old = 'the secret under which everything began';
const signingKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const fresh = 'the secret that follows upon the first';

/** Of accounts that are kept elsewhere; nobody asks it here. */
const elsewhere: Directory = {
  signIn: async () => undefined,
  findAccount: async () => undefined,
  memberships: async () => [],
  findMembership: async () => undefined,
};

/** STORE_SECRET=new,old: the first makes, all open. */
describe.each(Object.keys(testStores) as TestStoreKind[])('what was made under a secret of before, in %s', (kind) => {
  let kept: TestStore;
  let server: TestServer;
  let connected: Connected;
  let unused: Connected;
  let pending: Approval;
  let page: string;
  async function restart(STORE_SECRET: string) {
    const port = Number(new URL(server.origin).port);
    const again = await startServer({ env: { ...kept.env, STORE_SECRET }, port });
    // When nobody is on a connection to the server of before any more.
    await untilReady(again);
    return again;
  }

  beforeAll(async () => {
    kept = await testStores[kind]();
    server = await startServer({ env: { ...kept.env, STORE_SECRET: old }, port: await freePort() });
    connected = await connect(server, { client: { token_endpoint_auth_method: 'client_secret_post' } });
    unused = await connect(server);
    const { client, person } = connected;
    pending = await approve(client, person);
    page = (await person.browser.open(client.authorizationRequest().url.href)).url.href;
    await server.close();
  });
  afterAll(async () => {
    await server.close();
    await kept.close();
  });

  it('is closed under another secret alone: the server does not even start', () =>
    expect(restart(fresh)).rejects.toMatchObject({ code: 'STORE_SECRET_MISMATCH' }));

  it('is closed under another one where keys are files and accounts elsewhere, too, in which nothing else says so', async () => {
    await using folder = await temporaryFolder();
    const SIGNING_KEYS_FILE = join(folder.path, 'keys.json');
    writeFileSync(SIGNING_KEYS_FILE, JSON.stringify({ keys: [{ ...signingKey, alg: 'ES256' }] }));
    await using other = await testStores[kind]();
    const env = { ...other.env, SIGNING_KEYS_FILE, COOKIE_KEYS: 'a cookie key of thirty-two characters' };
    const starts = async (STORE_SECRET: string) =>
      (await startServer({ env: { ...env, STORE_SECRET }, parts: { directory: elsewhere } })).close();
    await starts(old);
    await expect(starts(fresh)).rejects.toMatchObject({ code: 'STORE_SECRET_MISMATCH' });
    for (const right of [`${fresh},${old}`, fresh]) await starts(right);
  });

  it('works while both are named: code, refresh token, session, page, client secret, registration token, account', async () => {
    server = await restart(`${fresh},${old}`);
    const { client, person, refreshToken, accessToken } = connected;

    expect((await pending.redeem()).status).toBe(200);
    const renewed = await client.refresh(refreshToken);
    expect(renewed.status).toBe(200);
    expect((await client.refresh(refreshToken)).body.refresh_token).toBe(renewed.body.refresh_token);
    expect((await person.browser.open(page)).status).toBe(200);
    const again = await person.browser.open(client.authorizationRequest().url.href);
    expect(again.html).not.toContain('/sign-in"');
    expect((await manage(client, 'GET')).status).toBe(200);
    expect((await client.post('introspect', { token: accessToken })).body).toMatchObject({ active: true });
    expect((await approve(client, createPerson(server.origin))).code).toBeTruthy();
    connected = { ...connected, refreshToken: renewed.body.refresh_token ?? '' };
  });

  it('goes on under the new one alone where it was renewed meanwhile, and nowhere else', async () => {
    await server.close();
    server = await restart(fresh);
    const asPublic = ({ client }: Connected) =>
      relyingParty(server.issuer, { ...client.registration, client_secret: undefined });

    // Its client has a secret of before, which is worth nothing any more.
    expect(await connected.client.refresh(connected.refreshToken)).toMatchObject({ status: 401 });
    expect(await asPublic(unused).refresh(unused.refreshToken)).toMatchObject(refusal(400, 'invalid_grant'));
    expect((await manage(connected.client, 'GET')).status).toBe(401);
    const { status } = await connect(server).then(({ client, refreshToken }) => client.refresh(refreshToken));
    expect(status).toBe(200);
  });

  it('keeps its signature: gateways go on with the keys that they know', async () => {
    const { keys } = (await (await fetch(`${server.issuer}/oauth/jwks`)).json()) as { keys: { kid: string }[] };
    expect(keys.map(({ kid }) => kid)).toContain(decodeProtectedHeader(connected.accessToken).kid);
  });
});
