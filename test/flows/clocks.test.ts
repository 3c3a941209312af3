import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { eventuallyWithin } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { type ServerProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { type RelyingParty, registerClient, type TokenAnswer } from '../support/relying-party.ts';
import { type TestStore, testStores } from '../support/test-store.ts';

const shifts = [0, 20, -20];
const pairs = shifts.flatMap((_, one) => shifts.map((__, other) => [one, other] as const));
const refreshGrace = 3;

/** Three machines over one Redis, one of which is 20 seconds ahead and one behind (R124). */
describe('three servers whose clocks differ', () => {
  let kept: TestStore;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let nodes: ServerProcess[];
  let balancer: Awaited<ReturnType<typeof createBalancer>>;
  let server: { issuer: string; origin: string };

  beforeAll(async () => {
    kept = await testStores.Redis();
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
  });
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
      balancer.turnTo(one);
      const signIn = await person.browser.open(client.authorizationRequest().url.href);
      balancer.turnTo(other);
      expect((await person.browser.open(signIn.url.href)).status).toBe(200);

      balancer.turnTo(one);
      const { url, verifier } = client.authorizationRequest();
      const callback = await person.approves(url);
      balancer.turnTo(other);
      expect([one, other, (await client.exchange(callback, verifier)).status]).toEqual([one, other, 200]);
      const { html } = await person.browser.open(client.authorizationRequest().url.href);
      expect(html).not.toContain('/sign-in"');
    }
  });

  it('answer a refresh token alike, within the grace and after it', async () => {
    const made: Made[] = [];
    for (const [one, other] of pairs) {
      await eventuallyWithin(refreshGrace * 1000, async () => {
        balancer.turnTo(one);
        const { client, refreshToken } = await connect(server);
        const first = await client.refresh(refreshToken);
        balancer.turnTo(other);
        const second = await client.refresh(refreshToken);
        made.push({ one, other, client, refreshToken, first, second });
      });
      const { client, first, second } = made.at(-1) as Made;
      expect([one, other, second.status]).toEqual([one, other, 200]);
      expect(second.body.refresh_token).toBe(first.body.refresh_token);
      expect((await client.refresh(first.body.refresh_token ?? '')).status).toBe(200);
    }
    await kept.pass(refreshGrace);
    for (const { other, client, refreshToken } of made.filter(({ second }) => second.status === 200)) {
      balancer.turnTo(other);
      expect(await client.refresh(refreshToken)).toMatchObject({
        status: 400,
        body: { error_description: 'grant revoked - restart authorization' },
      });
    }
  });
});

const secret = 'a secret that all three processes know';

/** A connection that was renewed with the same token at two of the servers. */
interface Made {
  readonly one: number;
  readonly other: number;
  readonly client: RelyingParty;
  readonly refreshToken: string;
  readonly first: TokenAnswer;
  readonly second: TokenAnswer;
}

/** One address, behind which one of several servers answers. */
async function createBalancer(ports: readonly number[]) {
  let current = 0;
  const balancer = createServer((near, answer) => {
    const { method, url, headers } = near;
    const far = request({ host: '127.0.0.1', port: ports[current], method, path: url, headers, agent: false });
    far.on('response', (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    far.on('error', () => answer.destroy());
    near.pipe(far);
  });
  balancer.listen(0, '127.0.0.1');
  await once(balancer, 'listening');
  return {
    port: (balancer.address() as { port: number }).port,
    turnTo(node: number) {
      current = node;
    },
    close() {
      balancer.closeAllConnections();
      balancer.close();
    },
  };
}
