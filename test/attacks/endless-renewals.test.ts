import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { repeatsPerStep } from '../../src/storage/store.ts';
import { connect } from '../support/connect.ts';
import { changedPolicy } from '../support/policy.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { recordsOf, type TestStore, type TestStoreKind, testStores } from '../support/test-store.ts';

const renewalsPerHour = 4;

/** RFC 9700 §4.14: whoever has a refresh token has as many access tokens as it asks for. */
describe.each(Object.keys(testStores) as TestStoreKind[])('a tool that renews without end, kept in %s', (kind) => {
  let kept: TestStore;
  let server: TestServer;
  let other: TestServer;
  beforeAll(async () => {
    kept = await testStores[kind]();
    using policy = changedPolicy({ limits: { renewalsPerHour } });
    const options = { env: { ...kept.env, ...policy.env }, parts: kept.parts };
    server = await startServer(options);
    other = await startServer({ ...options, issuer: server.issuer });
  });
  afterAll(async () => {
    await other.close();
    await server.close();
    await kept.close();
  });

  async function renewUntilRefused(tool: RelyingParty, token: string) {
    for (let count = 0, held = token; ; count += 1) {
      const answer = await tool.refresh(held);
      if (answer.status !== 200) return { count, held, answer };
      held = answer.body.refresh_token ?? '';
    }
  }
  const lineOf = async () => (await recordsOf(kept, 'refresh-line')).map(({ value }) => value).sort();

  it('is refused with 429 and the time to wait, and nothing changes in the store', async () => {
    const { client, refreshToken } = await connect(server);
    const { count, held, answer } = await renewUntilRefused(client, refreshToken);
    expect([count, answer.status]).toEqual([renewalsPerHour, 429]);
    expect(answer.body).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(/^this connection was renewed too often, try again in \d+ seconds$/),
    });

    const before = await lineOf();
    const fields = { grant_type: 'refresh_token', client_id: client.clientId, refresh_token: held };
    for (const { origin } of [server, other]) {
      const refused = await fetch(`${origin}/mcp/oauth/token`, { method: 'POST', body: new URLSearchParams(fields) });
      expect(refused.status).toBe(429);
      const seconds = Number(refused.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(3500);
      expect(seconds).toBeLessThanOrEqual(3600);
    }
    expect(await lineOf()).toEqual(before);
  });

  it('is refused as well when it repeats the same one within the grace, which costs less', async () => {
    const { client, refreshToken } = await connect(server);
    await client.refresh(refreshToken);
    const repeats = (renewalsPerHour - 1) * repeatsPerStep;
    const statuses = [];
    for (let time = 0; time < repeats + 2; time += 1) statuses.push((await client.refresh(refreshToken)).status);
    expect(statuses.indexOf(429)).toBe(repeats);
  });

  it('keeps its connection: neither its person nor another connection notices', async () => {
    const loud = await connect(server);
    const { answer } = await renewUntilRefused(loud.client, loud.refreshToken);
    const quiet = await connect(server);
    expect([answer.status, (await quiet.client.refresh(quiet.refreshToken)).status]).toEqual([429, 200]);
    expect(server.logLines.filter(({ event }) => event === 'connection.revoked')).toEqual([]);
  });
});

describe('a tool that was refused because it renewed too often', () => {
  it('renews with the token it holds once the hour is over', async () => {
    await using kept = await testStores.SQLite();
    await using server = await startServer({
      env: kept.env,
      policy: { limits: { renewalsPerHour: 1 } },
      parts: kept.parts,
    });
    const { client, refreshToken } = await connect(server);
    const first = await client.refresh(refreshToken);
    const held = first.body.refresh_token ?? '';
    expect((await client.refresh(held)).status).toBe(429);
    await kept.pass(3600);
    expect((await client.refresh(held)).status).toBe(200);
  });

  it('is never refused where the operator set no limit', async () => {
    await using server = await startServer({ policy: { limits: { renewalsPerHour: 0 } } });
    const connected = await connect(server);
    let held = connected.refreshToken;
    for (let time = 0; time < 260; time += 1) {
      const answer = await connected.client.refresh(held);
      expect(answer.status).toBe(200);
      held = answer.body.refresh_token ?? '';
    }
  });
});
