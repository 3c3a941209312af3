import { once } from 'node:events';
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { type Kept, keptKinds } from '../support/kept.ts';
import { createPerson } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { type ServerProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { registerClient } from '../support/relying-party.ts';

const shifts = [0, 20, -20];
const pairs = shifts.flatMap((_, one) => shifts.map((__, other) => [one, other] as const));
const refreshGrace = 2;

/** Three machines over one Redis, one of which is 20 seconds ahead and one behind (R124). */
describe('three servers whose clocks differ', () => {
  let kept: Kept;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let nodes: ServerProcess[];
  let balancer: Awaited<ReturnType<typeof createBalancer>>;
  let server: { issuer: string; origin: string };

  beforeAll(async () => {
    kept = await keptKinds.Redis();
    folder = await temporaryFolder();
    using policy = changedPolicy({ lifetimes: { refreshGrace } });
    const ports = [await freePort(), await freePort(), await freePort()];
    balancer = await createBalancer(ports);
    const origin = `http://localhost:${balancer.port}`;
    server = { issuer: `${origin}/mcp`, origin };
    const clock = fileURLToPath(new URL('../support/shifted-clock.mjs', import.meta.url));
    const settings = { ...kept.env, ...policy.env, ISSUER: server.issuer, STORE_SECRET: secret };
    nodes = shifts.map((shift, node) => {
      const of = { PORT: String(ports[node]), CLOCK_SHIFT: String(shift), NODE_OPTIONS: `--import=${clock}` };
      return startProcess(folder.path, { ...settings, ...of });
    });
    await Promise.all(nodes.map((node) => node.logged('start')));
  }, 60_000);
  afterAll(async () => {
    for (const node of nodes) node.signal('SIGTERM');
    await Promise.all(nodes.map((node) => node.exit));
    balancer.close();
    await kept.close();
    await folder[Symbol.asyncDispose]();
  });

  it('show the page, know the session and redeem the code of each other', async () => {
    const client = await registerClient(server.issuer);
    for (const [one, other] of pairs) {
      const person = createPerson(server.origin);
      await balancer.turnTo(one);
      const signIn = await person.browser.open(client.authorizationRequest().url.href);
      await balancer.turnTo(other);
      expect((await person.browser.open(signIn.url.href)).status).toBe(200);

      await balancer.turnTo(one);
      const { url, verifier } = client.authorizationRequest();
      const callback = await person.approves(url);
      await balancer.turnTo(other);
      expect([one, other, (await client.exchange(callback, verifier)).status]).toEqual([one, other, 200]);
      const { html } = await person.browser.open(client.authorizationRequest().url.href);
      expect(html).not.toContain('/sign-in"');
    }
  }, 60_000);

  it('answer a refresh token alike, within the grace and after it', async () => {
    await balancer.turnTo(0);
    const made = [];
    for (const [one, other] of pairs) {
      await balancer.turnTo(one);
      const { client, refreshToken } = await connect(server);
      const first = await client.refresh(refreshToken);
      await balancer.turnTo(other);
      const second = await client.refresh(refreshToken);
      expect([one, other, second.status]).toEqual([one, other, 200]);
      expect(second.body.refresh_token).toBe(first.body.refresh_token);
      expect((await client.refresh(first.body.refresh_token ?? '')).status).toBe(200);
      made.push({ other, client, refreshToken });
    }
    await kept.pass(refreshGrace);
    for (const { other, client, refreshToken } of made) {
      await balancer.turnTo(other);
      expect(await client.refresh(refreshToken)).toMatchObject({
        status: 400,
        body: { error_description: 'grant revoked - restart authorization' },
      });
    }
  }, 60_000);
});

const secret = 'a secret that all three processes know';

/** One address, behind which one of several servers answers. */
async function createBalancer(ports: readonly number[]) {
  const sockets = new Set<Socket>();
  let current = 0;
  const balancer: Server = createServer((near) => {
    const far = connectTo(ports[current] ?? 0, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  balancer.listen(0, '127.0.0.1');
  await once(balancer, 'listening');
  return {
    port: (balancer.address() as { port: number }).port,
    async turnTo(node: number) {
      current = node;
      for (const socket of sockets) socket.destroy();
      // Until whoever kept a connection has noticed.
      await delay(20);
    },
    close: () => balancer.close(),
  };
}
