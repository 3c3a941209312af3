import { type FollowOptions, followRevocations, type Identity, protectResource } from '@bkend/mcp-gateway';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { type Connected, connect } from '../support/connect.ts';
import { type CuttableLine, createCuttableLine } from '../support/cuttable-line.ts';
import { eventually } from '../support/eventually.ts';
import { gateway as credentials, policyWithGateway } from '../support/gateway-policy.ts';
import { startServer, type TestServer } from '../support/server.ts';

let time: TestClock;
let server: TestServer;
let line: CuttableLine;
let open: { close(): void }[];
beforeAll(async () => {
  using policy = policyWithGateway();
  time = createTestClock();
  server = await startServer({ env: policy.env, parts: { clock: time.clock } });
});
beforeEach(async () => {
  line = await createCuttableLine(Number(new URL(server.origin).port));
  open = [];
});
afterEach(async () => {
  for (const each of open) each.close();
  await line[Symbol.asyncDispose]();
});
afterAll(() => server.close());

/** A gateway whose feed comes over the line. */
function follow(more: Partial<FollowOptions> = {}, clockToleranceSeconds = 0) {
  const { issuer } = server;
  const url = `${line.origin}${new URL(issuer).pathname}/oauth/revocations`;
  const { now } = time.clock;
  const revocations = followRevocations({ issuer, url, now, ...credentials, ...more });
  open.push(revocations);
  const protection = protectResource({ issuer, resource: issuer, scopes: [], revocations, clockToleranceSeconds, now });
  const status = async (accessToken: string) => {
    const request = new Request(issuer, { headers: { authorization: `Bearer ${accessToken}` } });
    const answer = await protection.authenticate(request);
    return answer instanceof Response ? answer.status : 200;
  };
  return { revocations, status };
}

const revoke = ({ client, refreshToken }: Connected) => client.post('revoke', { token: refreshToken });

describe('a gateway that follows the revocations', () => {
  it('refuses a connection as soon as it is revoked, and no other', async () => {
    const [ended, other] = [await connect(server), await connect(server)];
    const { revocations, status } = follow();
    await revocations.ready();
    expect([await status(ended.accessToken), await status(other.accessToken)]).toEqual([200, 200]);

    await revoke(ended);

    await eventually(async () => (await status(ended.accessToken)) === 401);
    expect(await status(other.accessToken)).toBe(200);
  });

  it('knows after a restart what was revoked before', async () => {
    const ended = await connect(server);
    await revoke(ended);
    line.cut();
    const { revocations, status } = follow();
    expect(await status(ended.accessToken)).toBe(503);
    line.repair();
    await revocations.ready();
    expect(await status(ended.accessToken)).toBe(401);
  });

  it.each(['access', 'refresh'] as const)(
    'knows after a restart what was ended with its %s token, as long as the most tolerant clock takes it for valid',
    async (kind) => {
      const [ended, other] = [await connect(server), await connect(server)];
      await ended.client.post('revoke', { token: ended[`${kind}Token`] });
      time.pass(3600 + 299);
      const { revocations, status } = follow({}, 300);
      await revocations.ready();
      expect([await status(ended.accessToken), await status(other.accessToken)]).toEqual([401, 200]);
    },
  );

  it('refuses the one token that its tool revoked, and not the next one of the connection', async () => {
    const connected = await connect(server);
    const { revocations, status } = follow();
    await revocations.ready();
    const { body } = await connected.client.refresh(connected.refreshToken);
    await connected.client.post('revoke', { token: connected.accessToken });
    await eventually(async () => (await status(connected.accessToken)) === 401);
    expect(await status(body.access_token ?? '')).toBe(200);
  });

  it('knows after a cut what was revoked meanwhile', async () => {
    const ended = await connect(server);
    const { revocations, status } = follow();
    await revocations.ready();
    line.cut();
    await revoke(ended);
    expect(await status(ended.accessToken)).toBe(200);
    line.repair();
    await eventually(async () => (await status(ended.accessToken)) === 401);
  });

  it('is told over a line that breaks again and again: everything, once, and nothing else', async () => {
    const { revocations } = follow();
    await revocations.ready();
    const before = revocations.stats().entries;
    const stateOf = (accountId: string) =>
      revocations.stateOf({ accountId, organizationId: 'org', scopes: [], issuedAt: 1 } as unknown as Identity);
    const known: string[] = [];
    for (let round = 0; round < 50; round++) {
      const accounts = await endTwoAccounts(round);
      // Most rounds break a line that is still down; these, one that works again.
      if (round % 5 === 0) {
        await eventually(() => accounts.every((each) => stateOf(each) === 'revoked'));
        known.push(...accounts);
      }
      expect(known.map(stateOf)).toEqual(known.map(() => 'revoked'));
      expect(stateOf('a member')).toBe('live');
    }
    await eventually(() => revocations.stats().entries >= before + 100);
    expect(revocations.stats().entries).toBe(before + 100);
  });

  it('comes back less and less often while nobody is there', async () => {
    const errors: string[] = [];
    const { revocations } = follow({ onError: ({ message }) => errors.push(message) });
    await revocations.ready();
    line.cut();
    const before = line.connections;
    await eventually(() => errors.length >= 4);
    expect(line.connections - before).toBeLessThanOrEqual(errors.length);
    expect(errors[0]).toContain('The feed of revocations was cut');
  });
});

describe('a gateway whose feed is cut for longer than it may be', () => {
  it('answers 503, and what it knows to be revoked 401 as before', async () => {
    const [ended, other] = [await connect(server), await connect(server)];
    const errors: Error[] = [];
    const { revocations, status } = follow({ onError: (error) => errors.push(error) });
    await revocations.ready();
    await revoke(ended);
    await eventually(async () => (await status(ended.accessToken)) === 401);
    line.cut();
    await eventually(() => errors.length > 0);
    expect(await status(other.accessToken)).toBe(200);
    time.pass(31);
    expect([await status(ended.accessToken), await status(other.accessToken)]).toEqual([401, 503]);
    expect(revocations.stats()).toMatchObject({ isStale: true });
  });

  it('asks the introspection endpoint, if it was told to', async () => {
    const [ended, other] = [await connect(server), await connect(server)];
    const { status } = follow({ whenStale: 'introspect' });
    line.cut();
    await revoke(ended);
    expect([await status(ended.accessToken), await status(other.accessToken)]).toEqual([401, 200]);
  });

  it('answers 503 when that does not answer either', async () => {
    const { accessToken } = await connect(server);
    const { status } = follow({ whenStale: 'introspect', introspectionUrl: `${line.origin}/mcp/oauth/introspect` });
    line.cut();
    expect(await status(accessToken)).toBe(503);
  });

  it('answers 503 when its secret is wrong, and tells its operator why', async () => {
    const { accessToken } = await connect(server);
    const errors: string[] = [];
    const options = { clientSecret: 'guessed', onError: ({ message }: Error) => errors.push(message) };
    const { status } = follow({ ...options, whenStale: 'introspect' });
    expect(await status(accessToken)).toBe(503);
    await eventually(() => errors.length > 0);
    expect(errors[0]).toContain('it answered 401');
    expect(errors[0]).not.toContain('guessed');
  });
});

it('asks for the resource that it names, and tells its operator when that is not its own', async () => {
  const ended = await connect(server);
  const { revocations, status } = follow({ resource: server.issuer });
  await revocations.ready();
  await revoke(ended);
  await eventually(async () => (await status(ended.accessToken)) === 401);

  const errors: string[] = [];
  follow({ resource: 'https://elsewhere.example/mcp', onError: ({ message }) => errors.push(message) });
  await eventually(() => errors.length > 0);
  expect(errors[0]).toContain('it answered 400');
});

it('credentials are not sent in the clear', () => {
  expect(() => followRevocations({ issuer: 'http://api.example/mcp', ...credentials })).toThrow('https');
});

/** Around a cut of the line: each order has its turn, an entry before, in, and after it. */
async function endTwoAccounts(round: number): Promise<string[]> {
  const accounts = [`account-${round}`, `account-${round}-too`];
  const [first, second] = accounts.map((id) => () => server.server.revocation.membershipEnded(id, 'org'));
  const actions = [first, () => line.cut(), () => line.repair(), second];
  for (const formAction of [...actions.slice(round % 4), ...actions.slice(0, round % 4)]) await formAction?.();
  line.repair();
  return accounts;
}
