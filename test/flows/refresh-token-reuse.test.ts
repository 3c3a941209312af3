import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { changedPolicy } from '../support/policy.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';

const refreshGrace = 1; // Redis has a clock of its own, so this is waited for.

describe.each(Object.keys(testStores) as TestStoreKind[])(
  'a refresh token that is replayed too late, kept in %s',
  (kind) => {
    const kept = shared(() => testStores[kind]());

    /** A node of its own, over the same store. */
    async function startNode(issuer?: string, refreshTokenReuse = 'revoke') {
      using policy = changedPolicy({ lifetimes: { refreshGrace }, refreshTokenReuse });
      const env = { ...kept.env, ...policy.env };
      return await startServer({ env, parts: kept.parts, ...(issuer && { issuer }) });
    }

    it('ends its connection once, however many present it to however many nodes (R67)', async () => {
      await using one = await startNode();
      await using other = await startNode(one.issuer);
      const { client, refreshToken, claims } = await connect(one);
      await client.refresh(refreshToken);
      await kept.pass(refreshGrace);

      const fields = { grant_type: 'refresh_token', client_id: client.clientId, refresh_token: refreshToken };
      const replays = Array.from({ length: 20 }, async (_, index) => {
        const { origin } = index % 2 === 0 ? one : other;
        const response = await fetch(`${origin}/mcp/oauth/token`, {
          method: 'POST',
          body: new URLSearchParams(fields),
        });
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
      await using server = await startNode();
      const { client, refreshToken, claims } = await connect(server);
      await client.refresh(refreshToken);
      await kept.pass(refreshGrace);
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
      await using server = await startNode(undefined, 'refuse');
      const { client, refreshToken } = await connect(server);
      const successor = (await client.refresh(refreshToken)).body.refresh_token ?? '';
      await kept.pass(refreshGrace);

      expect(await client.refresh(refreshToken)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect((await client.refresh(successor)).status).toBe(200);
      expect(server.logLines.filter(({ event }) => event === 'connection.revoked')).toEqual([]);
    });

    it('is no reuse by a tool that renewed several times at once and kept the answer that came last, not the newest', async () => {
      await using server = await startNode();
      const { client, refreshToken } = await connect(server);
      const renewed = async (token: string) => (await client.refresh(token)).body.refresh_token ?? '';
      const first = await renewed(refreshToken);
      const late = await renewed(refreshToken); // on its way while the next one is sent
      const newest = await renewed(first);
      expect(late).toBe(first);
      await kept.pass(refreshGrace);

      const next = await renewed(late);
      expect(await renewed(newest)).toBe(next);
      await kept.pass(refreshGrace);

      expect(await client.refresh(newest)).toMatchObject({ body: { error: 'invalid_grant' } });
      expect(await client.refresh(next)).toMatchObject({ body: { error: 'invalid_grant' } });
    });
  },
);
