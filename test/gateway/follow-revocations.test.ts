import { type FollowOptions, followRevocations, type Identity, protectResource } from '@bkend/mcp-gateway';
import { describe, expect, it, jest } from '@jest/globals';
import { createTestClock } from '../support/clock.ts';
import { type Connected, connect } from '../support/connect.ts';
import { createCuttableLine } from '../support/cuttable-line.ts';
import { eventually } from '../support/eventually.ts';
import { gateway as credentials, policyWithGateway } from '../support/gateway-policy.ts';
import { startServer } from '../support/server.ts';
import { fresh, shared } from '../support/shared.ts';
import { bearer } from './issuer.ts';

const { clock, pass } = createTestClock();
const { now } = clock;
const server = shared(async () => {
  using policy = policyWithGateway();
  return await startServer({ env: policy.env, parts: { clock } });
});
const line = fresh(() => createCuttableLine(Number(new URL(server.origin).port)));
const following = fresh(
  () => ({ all: [] as { close(): void }[] }),
  ({ all }) => all.map((each) => each.close()),
);

/** A gateway whose feed comes over the line, and what its operator is told. */
function follow(more: Partial<FollowOptions> = {}, clockToleranceSeconds = 0) {
  const { issuer } = server;
  const url = `${line.origin}${new URL(issuer).pathname}/oauth/revocations`;
  const errors: string[] = [];
  const onError = ({ message }: Error) => void errors.push(message);
  const revocations = followRevocations({ issuer, url, now, onError, ...credentials, ...more });
  following.all.push(revocations);
  const protection = protectResource({ issuer, resource: issuer, scopes: [], revocations, clockToleranceSeconds, now });
  const status = async (accessToken: string) => {
    const answer = await protection.authenticate(new Request(issuer, { headers: bearer(accessToken) }));
    return answer instanceof Response ? answer.status : 200;
  };
  const statuses = async (...connected: Connected[]) => {
    const answers = [];
    for (const { accessToken } of connected) answers.push(await status(accessToken));
    return answers;
  };
  /** It learns of it in its own time. */
  const refuses = ({ accessToken }: Connected) => eventually(async () => (await status(accessToken)) === 401);
  const toldOf = async (text: string) => {
    await eventually(() => errors.length > 0);
    expect(errors[0]).toContain(text);
  };
  return { revocations, errors, status, statuses, refuses, toldOf };
}

/** The same, when it has heard that nothing is missing. */
async function followCurrent(...options: Parameters<typeof follow>) {
  const followed = follow(...options);
  await followed.revocations.ready();
  return followed;
}

const two = async (): Promise<[Connected, Connected]> => [await connect(server), await connect(server)];
const revoke = ({ client, refreshToken }: Connected) => client.post('revoke', { token: refreshToken });

describe('a gateway that follows the revocations', () => {
  it('refuses a connection as soon as it is revoked, and no other', async () => {
    const [ended, other] = await two();
    const { statuses, refuses } = await followCurrent();
    expect(await statuses(ended, other)).toEqual([200, 200]);

    await revoke(ended);

    await refuses(ended);
    expect(await statuses(other)).toEqual([200]);
  });

  it('knows after a restart what was revoked before', async () => {
    const ended = await connect(server);
    await revoke(ended);
    line.cut();
    const { revocations, statuses } = follow();
    expect(await statuses(ended)).toEqual([503]);
    line.repair();
    await revocations.ready();
    expect(await statuses(ended)).toEqual([401]);
  });

  it.each(['access', 'refresh'] as const)(
    'knows after a restart what was ended with its %s token, as long as the most tolerant clock takes it for valid',
    async (kind) => {
      const [ended, other] = await two();
      await ended.client.post('revoke', { token: ended[`${kind}Token`] });
      pass(3600 + 299);
      const { statuses } = await followCurrent({}, 300);
      expect(await statuses(ended, other)).toEqual([401, 200]);
    },
  );

  it('refuses the one token that its tool revoked, and not the next one of the connection', async () => {
    const connected = await connect(server);
    const { status, refuses } = await followCurrent();
    const { body } = await connected.client.refresh(connected.refreshToken);
    await connected.client.post('revoke', { token: connected.accessToken });
    await refuses(connected);
    expect(await status(body.access_token ?? '')).toBe(200);
  });

  it('knows after a cut what was revoked meanwhile', async () => {
    const ended = await connect(server);
    const { statuses, refuses } = await followCurrent();
    line.cut();
    await revoke(ended);
    expect(await statuses(ended)).toEqual([200]);
    line.repair();
    await refuses(ended);
  });

  it('is told over a line that breaks again and again: everything, once, and nothing else', async () => {
    const { revocations } = await followCurrent();
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
    const { errors, toldOf } = await followCurrent();
    using _chance = jest.spyOn(Math, 'random').mockReturnValue(1);
    using timers = jest.spyOn(globalThis, 'setTimeout');
    const before = line.connections;
    line.cut();
    await eventually(() => errors.length >= 4);
    expect(line.connections - before).toBeLessThanOrEqual(errors.length);
    const pauses = timers.mock.calls
      .map(([, milliseconds]) => milliseconds)
      .filter((each) => [250, 500, 1000].includes(Number(each)));
    expect(pauses.slice(0, 3)).toEqual([250, 500, 1000]);
    await toldOf('The feed of revocations was cut');
  });
});

describe('a gateway whose feed is cut for longer than it may be', () => {
  it('answers 503, and what it knows to be revoked 401 as before', async () => {
    const [ended, other] = await two();
    const { revocations, errors, statuses, refuses } = await followCurrent();
    await revoke(ended);
    await refuses(ended);
    line.cut();
    await eventually(() => errors.length > 0);
    expect(await statuses(other)).toEqual([200]);
    pass(31);
    expect(await statuses(ended, other)).toEqual([401, 503]);
    expect(revocations.stats()).toMatchObject({ isStale: true });
  });

  it('asks the introspection endpoint, if it was told to', async () => {
    const [ended, other] = await two();
    const { statuses } = follow({ whenStale: 'introspect' });
    line.cut();
    await revoke(ended);
    expect(await statuses(ended, other)).toEqual([401, 200]);
  });

  it('answers 503 when that does not answer either', async () => {
    const { accessToken } = await connect(server);
    const { status } = follow({ whenStale: 'introspect', introspectionUrl: `${line.origin}/mcp/oauth/introspect` });
    line.cut();
    expect(await status(accessToken)).toBe(503);
  });

  it('answers 503 when its secret is wrong, and tells its operator why', async () => {
    const { accessToken } = await connect(server);
    const { status, errors, toldOf } = follow({ clientSecret: 'guessed', whenStale: 'introspect' });
    expect(await status(accessToken)).toBe(503);
    await toldOf('it answered 401');
    expect(errors[0]).not.toContain('guessed');
  });
});

it('asks for the resource that it names, and tells its operator when that is not its own', async () => {
  const ended = await connect(server);
  const { refuses } = await followCurrent({ resource: server.issuer });
  await revoke(ended);
  await refuses(ended);

  await follow({ resource: 'https://elsewhere.example/mcp' }).toldOf('it answered 400');
});

it('credentials are not sent in the clear', () => {
  expect(() => followRevocations({ issuer: 'http://api.example/mcp', ...credentials })).toThrow('https');
});

/** Around a cut of the line: each order has its turn, an entry before, in, and after it. */
async function endTwoAccounts(round: number): Promise<string[]> {
  const accounts = [`account-${round}`, `account-${round}-too`];
  const [first, second] = accounts.map((id) => () => server.server.revocation.membershipEnded(id, 'org'));
  const actions = [first, () => line.cut(), () => line.repair(), second];
  for (const action of [...actions.slice(round % 4), ...actions.slice(0, round % 4)]) await action?.();
  line.repair();
  return accounts;
}
