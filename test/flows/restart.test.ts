import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { approve } from '../support/approval.ts';
import { type Connected, connect } from '../support/connect.ts';
import { manage } from '../support/endpoints.ts';
import { type ServerProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { freePort, startRedis } from '../support/redis.ts';

interface Life {
  readonly issuer: string;
  readonly origin: string;
  readonly before: Connected;
}

/** A process is used, killed without warning, and started again on the same port and store. */
async function liveTwice(env: Record<string, string>, prove: (life: Life) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder();
  const port = String(await freePort());
  const origin = `http://localhost:${port}`;
  const issuer = `${origin}/mcp`;

  const first = startProcess(folder.path, { PORT: port, ...env });
  await first.logged('start');
  const before = await connect({ issuer, origin });
  await killed(first);

  const second = startProcess(folder.path, { PORT: port, ...env });
  await second.logged('start');
  await prove({ issuer, origin, before });
  await killed(second);
}

async function killed(server: ServerProcess) {
  server.signal('SIGKILL');
  await server.exit;
}

async function expectEverythingSurvived({ issuer, origin, before }: Life) {
  const { client, person, refreshToken, accessToken } = before;

  // The signing keys: a token of the first life verifies with the keys of the second.
  const jwks = (await (await fetch(`${issuer}/oauth/jwks`)).json()) as JSONWebKeySet;
  const verified = await jwtVerify(accessToken, createLocalJWKSet(jwks), { issuer, audience: issuer, typ: 'at+jwt' });
  expect(verified.payload).toMatchObject({ org_slug: 'acme' });

  // The connection.
  expect((await client.refresh(refreshToken)).status).toBe(200);

  // The client, and the session: no password is asked for.
  const rest = await person.browser.open(client.authorizationRequest().url.href);
  expect({ page: rest.html.includes('/sign-in"'), origin: rest.url.origin }).toEqual({ page: false, origin });
  expect((await (await approve(client, person)).redeem()).status).toBe(200);

  // The registration.
  expect((await manage(client, 'GET')).status).toBe(200);
}

describe('kill -9 and a new start keep clients, connections, sessions and keys (R33)', () => {
  it('on the embedded store, with no setting at all', () => liveTwice({}, expectEverythingSurvived));

  it('on Redis', async () => {
    await using redis = await startRedis();
    const settings = { REDIS_URL: redis.url, STORE_SECRET: 'a secret that only tests may know' };
    await liveTwice(settings, expectEverythingSurvived);
  });

  it('but not with another STORE_SECRET: the process says so in one line and does not start', async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis();
    const settings = { PORT: '0', REDIS_URL: redis.url };
    const first = startProcess(folder.path, { ...settings, STORE_SECRET: 'a secret that only tests may know' });
    await first.logged('start');
    await killed(first);

    const second = startProcess(folder.path, { ...settings, STORE_SECRET: 'another secret after a mistaken change' });

    expect(await second.exit).toBe(1);
    expect(second.output.stderr).toMatch(/^STORE_SECRET is not the one this store was written with[^\n]*\n$/);
  });
});
