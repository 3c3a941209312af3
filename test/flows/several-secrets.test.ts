import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Directory } from '../../src/directory/index.ts';
import { type Connected, connect } from '../support/connect.ts';
import { untilReady } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, relyingParty } from '../support/relying-party.ts';
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
  let pending: { callback: URL; verifier: string };
  let page: string;
  const restart = async (STORE_SECRET: string) =>
    restarted(await startServer({ env: { ...kept.env, STORE_SECRET }, port: Number(new URL(server.origin).port) }));

  beforeAll(async () => {
    kept = await testStores[kind]();
    server = await startServer({ env: { ...kept.env, STORE_SECRET: old } });
    connected = await connect(server, { client: { token_endpoint_auth_method: 'client_secret_post' } });
    unused = await connect(server);
    const { client, person } = connected;
    const { url, verifier } = client.authorizationRequest();
    pending = { callback: await person.approves(url), verifier };
    page = (await person.browser.open(client.authorizationRequest().url.href)).url.href;
    await server.close();
  });
  afterAll(async () => {
    await server.close();
    await kept.close();
  });

  const manage = ({ registration }: RelyingParty) =>
    fetch(String(registration.registration_client_uri), {
      headers: { Authorization: `Bearer ${String(registration.registration_access_token)}` },
    });

  it('is closed under another secret alone: the server does not even start', () =>
    expect(restart(fresh)).rejects.toMatchObject({ code: 'STORE_SECRET_MISMATCH' }));

  it('is closed under another one where keys are files and accounts elsewhere, too, in which nothing else says so (issue 9.20)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keys-'));
    const SIGNING_KEYS_FILE = join(folder, 'keys.json');
    writeFileSync(SIGNING_KEYS_FILE, JSON.stringify({ keys: [{ ...signingKey, alg: 'ES256' }] }));
    await using other = await testStores[kind]();
    const env = { ...other.env, SIGNING_KEYS_FILE, COOKIE_KEYS: 'a cookie key of thirty-two characters' };
    const starts = async (STORE_SECRET: string) =>
      (await startServer({ env: { ...env, STORE_SECRET }, parts: { directory: elsewhere } })).close();
    await starts(old);
    await expect(starts(fresh)).rejects.toMatchObject({ code: 'STORE_SECRET_MISMATCH' });
    for (const right of [`${fresh},${old}`, fresh]) await starts(right);
    rmSync(folder, { recursive: true });
  });

  it('works while both are named: code, refresh token, session, page, client secret, registration token, account', async () => {
    server = await restart(`${fresh},${old}`);
    const { client, person, refreshToken, accessToken } = connected;

    expect((await client.exchange(pending.callback, pending.verifier)).status).toBe(200);
    const renewed = await client.refresh(refreshToken);
    expect(renewed.status).toBe(200);
    expect((await client.refresh(refreshToken)).body.refresh_token).toBe(renewed.body.refresh_token);
    expect((await person.browser.open(page)).status).toBe(200);
    const again = await person.browser.open(client.authorizationRequest().url.href);
    expect(again.html).not.toContain('/sign-in"');
    expect((await manage(client)).status).toBe(200);
    expect((await client.post('introspect', { token: accessToken })).body).toMatchObject({ active: true });
    const callback = await createPerson(server.origin).approves(client.authorizationRequest().url);
    expect(callback.searchParams.get('code')).toBeTruthy();
    connected = { ...connected, refreshToken: renewed.body.refresh_token ?? '' };
  });

  it('goes on under the new one alone where it was renewed meanwhile, and nowhere else', async () => {
    await server.close();
    server = await restart(fresh);
    const asPublic = ({ client }: Connected) =>
      relyingParty(server.issuer, { ...client.registration, client_secret: undefined });

    // Its client has a secret of before, which is worth nothing any more.
    expect(await connected.client.refresh(connected.refreshToken)).toMatchObject({ status: 401 });
    expect(await asPublic(unused).refresh(unused.refreshToken)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await manage(connected.client)).status).toBe(401);
    const { status } = await connect(server).then(({ client, refreshToken }) => client.refresh(refreshToken));
    expect(status).toBe(200);
  });

  it('keeps its signature: gateways go on with the keys that they know', async () => {
    const { keys } = (await (await fetch(`${server.issuer}/oauth/jwks`)).json()) as { keys: { kid: string }[] };
    const header = JSON.parse(Buffer.from(connected.accessToken.split('.')[0] ?? '', 'base64url').toString());
    expect(keys.map(({ kid }) => kid)).toContain(header.kid);
  });
});

/** When nobody is on a connection to the server of before any more. */
async function restarted(server: TestServer): Promise<TestServer> {
  await untilReady(server);
  return server;
}
