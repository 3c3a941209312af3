import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { postForm, refusal } from '../support/endpoints.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';

const refreshGrace = 2; // Redis has a clock of its own, so this is waited for.
const kinds = Object.keys(testStores) as TestStoreKind[];
const refused = refusal(400, 'invalid_grant');

describe.each(kinds)('a refresh token that is replayed too late, kept in %s', (kind) => {
  const kept = shared(() => testStores[kind]());

  /** A node of its own, over the same store. */
  const startNode = (issuer?: string, refreshTokenReuse = 'revoke') =>
    startServer({
      env: kept.env,
      parts: kept.parts,
      policy: { lifetimes: { refreshGrace }, refreshTokenReuse },
      ...(issuer && { issuer }),
    });

  async function connectAndRenew(server: Awaited<ReturnType<typeof startNode>>) {
    const connected = await connect(server);
    const renewed = async (token: string) => (await connected.client.refresh(token)).body.refresh_token ?? '';
    const successor = await renewed(connected.refreshToken);
    return { ...connected, renewed, successor };
  }

  it('ends its connection once, however many present it to however many nodes (R67)', async () => {
    await using one = await startNode();
    await using other = await startNode(one.issuer);
    const { client, refreshToken, claims } = await connectAndRenew(one);
    await kept.pass(refreshGrace);

    const form = { grant_type: 'refresh_token', ...client.identity, refresh_token: refreshToken };
    const replays = Array.from({ length: 20 }, (_, index) =>
      postForm(`${(index % 2 === 0 ? one : other).origin}/mcp`, 'token', form),
    );

    expect(new Set((await Promise.all(replays)).map(({ body }) => body.error))).toEqual(new Set(['invalid_grant']));
    const said = [...one.logLines, ...other.logLines].filter(({ event }) => event === 'connection.revoked');
    const about = { connection: claims.grant_id, client: client.clientId, reference: expect.any(String) };
    expect(said).toEqual([expect.objectContaining({ reason: 'token replayed', ...about })]);
  });

  it('is told what it did, and what to do now; whoever listens for the end of grants hears of it (R67)', async () => {
    await using server = await startNode();
    const { client, refreshToken, claims } = await connectAndRenew(server);
    await kept.pass(refreshGrace);
    const ended: string[] = [];
    server.server.app.on('grant.revoked', (_ctx, grantId) => ended.push(grantId));

    const why = async () => (await client.refresh(refreshToken)).body;
    expect(await why()).toEqual({ error: 'invalid_grant', error_description: 'grant revoked - restart authorization' });
    expect(await why()).toMatchObject({ error_description: 'grant request is invalid - restart authorization' });
    expect(ended).toEqual([claims.grant_id]);
  });

  it('is only refused when the policy says so (refreshTokenReuse, R67)', async () => {
    await using server = await startNode(undefined, 'refuse');
    const { client, refreshToken, successor } = await connectAndRenew(server);
    await kept.pass(refreshGrace);

    expect(await client.refresh(refreshToken)).toMatchObject(refused);
    expect((await client.refresh(successor)).status).toBe(200);
    expect(server.logLines.filter(({ event }) => event === 'connection.revoked')).toEqual([]);
  });

  it('is no reuse by a tool that renewed several times at once and kept the answer that came last, not the newest', async () => {
    await using server = await startNode();
    const { client, refreshToken, successor: first, renewed } = await connectAndRenew(server);
    const late = await renewed(refreshToken); // on its way while the next one is sent
    const newest = await renewed(first);
    expect(late).toBe(first);
    await kept.pass(refreshGrace);

    const next = await renewed(late);
    expect(await renewed(newest)).toBe(next);
    await kept.pass(refreshGrace);

    for (const old of [newest, next]) expect(await client.refresh(old)).toMatchObject(refused);
  });
});

const rounds = 50;

/** AI tools run several processes over one refresh token, and a deployment has several nodes. */
describe('twenty parallel refreshes over two server processes on one Redis', () => {
  const kept = shared(() => testStores.Redis());
  const folder = shared(temporaryFolder);
  const started = shared(
    async () => {
      const ports = [await freePort(), await freePort()] as const;
      const issuer = `http://localhost:${ports[0]}/mcp`;
      const env = { ...kept.env, STORE_SECRET: 'a secret that both processes know', ISSUER: issuer };
      const processes = ports.map((port) => startProcess(folder.path, { ...env, PORT: String(port) }));
      await Promise.all(processes.map((process) => process.logged('start')));
      return { issuer, issuers: ports.map((port) => `http://localhost:${port}/mcp`), processes };
    },
    async ({ processes }) => {
      for (const process of processes) process.signal('SIGTERM');
      await Promise.all(processes.map(({ exit }) => exit));
    },
  );

  it(`all succeed with one and the same successor, in ${rounds} rounds (R73)`, async () => {
    const { issuer, issuers } = started;
    const { client, refreshToken } = await connect({ issuer, origin: new URL(issuer).origin });
    let newest = refreshToken;
    for (let round = 0; round < rounds; round += 1) {
      const form = { grant_type: 'refresh_token', ...client.identity, refresh_token: newest };
      const racers = Array.from({ length: 20 }, (_, racer) => postForm(String(issuers[racer % 2]), 'token', form));
      const answers = await Promise.all(racers);

      expect([...new Set(answers.map(({ status, body }) => body.error ?? status))]).toEqual([200]);
      const successors = new Set(answers.map(({ body }) => body.refresh_token ?? ''));
      expect(successors.size).toBe(1);
      expect(successors).not.toContain(newest);
      [newest = ''] = successors;
    }
  });
});
