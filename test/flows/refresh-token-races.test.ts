import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { postForm } from '../support/endpoints.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { shared } from '../support/shared.ts';
import { testStores } from '../support/test-store.ts';

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

  it(`all succeed with one and the same successor, in ${rounds} rounds (decision 6, R73)`, async () => {
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
