import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { type ServerProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { type TestStore, testStores } from '../support/test-store.ts';

const rounds = 50;

/** AI tools run several processes over one refresh token, and a deployment has several nodes. */
describe('twenty parallel refreshes over two server processes on one Redis', () => {
  let kept: TestStore;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let issuer: string;
  let nodes: { readonly origin: string; readonly process: ServerProcess }[];

  beforeAll(async () => {
    kept = await testStores.Redis();
    folder = await temporaryFolder();
    const ports = [await freePort(), await freePort()];
    issuer = `http://localhost:${ports[0]}/mcp`;
    nodes = ports.map((port) => ({
      origin: `http://localhost:${port}`,
      process: startProcess(folder.path, { ...kept.env, STORE_SECRET: secret, ISSUER: issuer, PORT: String(port) }),
    }));
    await Promise.all(nodes.map(({ process }) => process.logged('start')));
  });
  afterAll(async () => {
    for (const { process } of nodes) process.signal('SIGTERM');
    await Promise.all(nodes.map(({ process }) => process.exit));
    await kept.close();
    await folder[Symbol.asyncDispose]();
  });

  async function refreshAt(origin: string, clientId: string, refreshToken: string) {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refreshToken,
    });
    const response = await fetch(`${origin}/mcp/oauth/token`, { method: 'POST', body });
    const { refresh_token: successor, error } = (await response.json()) as Record<string, string>;
    return { outcome: error ?? response.status, successor: successor ?? '' };
  }

  it(`all succeed with one and the same successor, in ${rounds} rounds (decision 6, R73)`, async () => {
    const { client, refreshToken } = await connect({ issuer, origin: new URL(issuer).origin });
    let newest = refreshToken;
    for (let round = 0; round < rounds; round += 1) {
      const presented = newest;
      const racers = Array.from({ length: 20 }, (_, racer) =>
        refreshAt(nodes[racer % 2]?.origin ?? '', client.clientId, presented),
      );
      const answers = await Promise.all(racers);

      expect([...new Set(answers.map(({ outcome }) => outcome))]).toEqual([200]);
      const successors = new Set(answers.map(({ successor }) => successor));
      expect(successors.size).toBe(1);
      [newest = ''] = successors;
      expect(newest).not.toBe(presented);
    }
  });
});

const secret = 'a secret that both processes know';
