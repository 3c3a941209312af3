import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { approve } from '../support/approval.ts';
import { createBalancer } from '../support/balancer.ts';
import { type Connected, connect } from '../support/connect.ts';
import { eventuallyWithin } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { freePort } from '../support/redis.ts';
import { registerClient, type TokenAnswer } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';
import { startedProcess } from '../support/started-process.ts';
import { testStores } from '../support/test-store.ts';

const shifts = [0, 20, -20];
const pairs = shifts.flatMap((_, one) => shifts.map((__, other) => [one, other] as const));
const refreshGrace = 3;

/** Three machines over one Redis, one of which is 20 seconds ahead and one behind (R124). */
describe('three servers whose clocks differ', () => {
  const kept = shared(() => testStores.Redis());
  const ports = shared(async () => [await freePort(), await freePort(), await freePort()]);
  const balancer = shared(() => createBalancer([...ports], { asksReadiness: false }));
  const server = shared(() => ({ issuer: `${balancer.origin}/mcp`, origin: balancer.origin }));
  shared(
    async () => {
      using policy = changedPolicy({ lifetimes: { refreshGrace } });
      const clock = fileURLToPath(new URL('../support/shifted-clock.mjs', import.meta.url));
      const NODE_OPTIONS = `--import=${clock}`;
      const STORE_SECRET = 'a secret that all three processes know';
      const settings = { ...kept.env, ...policy.env, ISSUER: server.issuer, STORE_SECRET, NODE_OPTIONS };
      const start = (shift: number, node: number) =>
        startedProcess({ ...settings, PORT: String(ports[node]), CLOCK_SHIFT: String(shift) });
      return await Promise.all(shifts.map(start));
    },
    (nodes) => Promise.all(nodes.map((node) => node[Symbol.asyncDispose]())),
  );

  it('show the page, know the session and redeem the code of each other', async () => {
    const client = await registerClient(server.issuer);
    for (const [one, other] of pairs) {
      const person = createPerson(server.origin);
      balancer.turnTo(one);
      const signIn = await person.browser.open(client.authorizationRequest().url.href);
      balancer.turnTo(other);
      expect((await person.browser.open(signIn.url.href)).status).toBe(200);

      balancer.turnTo(one);
      const { redeem } = await approve(client, person);
      balancer.turnTo(other);
      expect([one, other, (await redeem()).status]).toEqual([one, other, 200]);
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
      const body = { error_description: 'grant revoked - restart authorization' };
      expect(await client.refresh(refreshToken)).toMatchObject({ status: 400, body });
    }
  });
});

/** A connection that was renewed with the same token at two of the servers. */
interface Made extends Pick<Connected, 'client' | 'refreshToken'> {
  readonly one: number;
  readonly other: number;
  readonly first: TokenAnswer;
  readonly second: TokenAnswer;
}
