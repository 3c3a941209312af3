import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { moveClock, startClock, stopClock } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { type KeptKind, keptKinds } from '../support/kept.ts';
import { changedPolicy } from '../support/policy.ts';
import { startServer } from '../support/server.ts';

beforeEach(stopClock);
afterEach(startClock);

describe.each(Object.keys(keptKinds) as KeptKind[])('a refresh token that is replayed too late, kept in %s', (kind) => {
  it('ends its connection once, however many present it to however many nodes (R67)', async () => {
    await using kept = await keptKinds[kind]();
    await using one = await startServer({ env: kept.env });
    await using other = await startServer({ env: kept.env, issuer: one.issuer });
    const { client, refreshToken, claims } = await connect(one);
    await client.refresh(refreshToken);
    moveClock(61);

    const fields = { grant_type: 'refresh_token', client_id: client.clientId, refresh_token: refreshToken };
    const replays = Array.from({ length: 20 }, async (_, index) => {
      const { origin } = index % 2 === 0 ? one : other;
      const response = await fetch(`${origin}/mcp/oauth/token`, { method: 'POST', body: new URLSearchParams(fields) });
      return ((await response.json()) as { error?: string }).error;
    });

    expect(new Set(await Promise.all(replays))).toEqual(new Set(['invalid_grant']));
    const said = [...one.logLines, ...other.logLines].filter(({ event }) => event === 'connection.revoked');
    expect(said).toEqual([
      expect.objectContaining({
        reason: 'token replayed',
        connection: claims.grant_id,
        client: client.clientId,
        reference: expect.any(String),
      }),
    ]);
  });

  it('is told what it did, and what to do now; whoever listens for the end of grants hears of it (R67)', async () => {
    await using kept = await keptKinds[kind]();
    await using server = await startServer({ env: kept.env });
    const { client, refreshToken, claims } = await connect(server);
    await client.refresh(refreshToken);
    moveClock(61);
    const ended: string[] = [];
    server.server.app.on('grant.revoked', (_ctx, grantId) => ended.push(grantId));

    expect((await client.refresh(refreshToken)).body).toEqual({
      error: 'invalid_grant',
      error_description: 'grant revoked - restart authorization',
    });
    expect((await client.refresh(refreshToken)).body).toMatchObject({
      error_description: 'grant request is invalid - restart authorization',
    });
    expect(ended).toEqual([claims.grant_id]);
  });

  it('is only refused when the policy says so (refreshTokenReuse, R67)', async () => {
    using policy = changedPolicy({ refreshTokenReuse: 'refuse' });
    await using kept = await keptKinds[kind]();
    await using server = await startServer({ env: { ...kept.env, ...policy.env } });
    const { client, refreshToken } = await connect(server);
    const successor = (await client.refresh(refreshToken)).body.refresh_token ?? '';
    moveClock(61);

    expect(await client.refresh(refreshToken)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await client.refresh(successor)).status).toBe(200);
    expect(server.logLines.filter(({ event }) => event === 'connection.revoked')).toEqual([]);
  });
});
