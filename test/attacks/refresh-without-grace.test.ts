import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { changedPolicy } from '../support/policy.ts';
import type { RelyingParty, TokenAnswer } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';

/** RFC 9700 §4.14: a refresh token that several have is worth nothing to any of them. */
const rounds = 25;
const lifetimes = { refreshGrace: 0 };

describe.each(Object.keys(testStores) as TestStoreKind[])(
  'without a grace, kept in %s, one refresh token used',
  (kind) => {
    async function start() {
      using policy = changedPolicy({ lifetimes });
      const kept = await testStores[kind]();
      const server = await startServer({ env: { ...kept.env, ...policy.env } });
      const close = async () => {
        await server.close();
        await kept.close();
      };
      return { server, [Symbol.asyncDispose]: close };
    }

    /** Whatever any of the answers gave is worth nothing any more. */
    async function expectEnd(client: RelyingParty, answers: readonly TokenAnswer[]) {
      expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
      expect(answers.filter(({ body }) => body.error === 'invalid_grant').length).toBeGreaterThanOrEqual(1);
      for (const { body } of answers) {
        if (body.refresh_token) expect((await client.refresh(body.refresh_token)).body.error).toBe('invalid_grant');
      }
    }

    it.each([2, 8])(
      `%i times at once ends its connection, in each of ${rounds} rounds (OAuth 2.1 §4.3.1)`,
      async (uses) => {
        await using lab = await start();
        for (let round = 0; round < rounds; round += 1) {
          const { client, refreshToken } = await connect(lab.server);

          const answers = await Promise.all(Array.from({ length: uses }, () => client.refresh(refreshToken)));

          await expectEnd(client, answers);
        }
        expect(lab.server.logLines.filter(({ event }) => event === 'connection.revoked')).toHaveLength(rounds);
      },
    );

    it('twice in a row, within the same second, ends its connection', async () => {
      await using lab = await start();
      const { client, refreshToken } = await connect(lab.server);

      await expectEnd(client, [await client.refresh(refreshToken), await client.refresh(refreshToken)]);
    });

    it('once and its successor once goes on', async () => {
      await using lab = await start();
      const { client, refreshToken } = await connect(lab.server);
      const { body } = await client.refresh(refreshToken);

      expect((await client.refresh(body.refresh_token ?? '')).status).toBe(200);
    });
  },
);
