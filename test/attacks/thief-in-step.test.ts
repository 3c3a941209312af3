import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestClock } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { changedPolicy } from '../support/policy.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** RFC 9700 §4.14: whoever stole a refresh token and renews in step with the tool replays nothing; but it comes from elsewhere. */
const { clock, pass } = createTestClock();
const servers = {} as Record<'report' | 'revoke', TestServer>;
beforeAll(async () => {
  for (const alternatingRenewals of ['report', 'revoke'] as const) {
    using policy = changedPolicy({ alternatingRenewals });
    const env = { ...policy.env, TRUSTED_PROXIES: '127.0.0.1,::1' };
    servers[alternatingRenewals] = await startServer({ env, parts: { clock } });
  }
});
afterAll(() => Promise.all(Object.values(servers).map((server) => server.close())));

interface Place {
  readonly address: string;
  readonly agent: string;
}
const home: Place = { address: '203.0.113.7', agent: 'tool/1' };
const elsewhere: Place = { address: '198.51.100.9', agent: 'tool/1' };
const third: Place = { address: '192.0.2.4', agent: 'tool/1' };
const minutes = 60;

async function aLine(setting: 'report' | 'revoke') {
  const server = servers[setting];
  const { client, claims, refreshToken } = await connect(server);
  let token = refreshToken;
  const renew = async ({ address, agent }: Place, afterSeconds = 30 * minutes) => {
    pass(afterSeconds);
    const body = new URLSearchParams({ ...client.identity, grant_type: 'refresh_token', refresh_token: token });
    const headers = { 'X-Forwarded-For': address, 'User-Agent': agent };
    const response = await fetch(`${server.issuer}/oauth/token`, { method: 'POST', body, headers });
    const answer = (await response.json()) as Record<string, string>;
    token = answer.refresh_token ?? token;
    return answer.error ?? 'renewed';
  };
  // Whoever redeemed the code may have been a server of the tool's; from here on it is at home.
  await renew(home);
  const told = () =>
    server.logLines
      .filter(
        ({ event, connection }) => connection === claims.grant_id && /^refresh\.|^connection\.rev/.test(String(event)),
      )
      .slice(1)
      .map(({ event, changed, level, reason }) => [event, changed ?? reason, level]);
  return { renew, told, claims, server };
}

describe('a renewal from another place than the last one', () => {
  it.each([
    ['another network', { ...home, address: '198.51.100.9' }, 'network'],
    ['another program', { ...home, agent: 'curl/8' }, 'agent'],
    ['both', { address: '2001:db8::1', agent: 'curl/8' }, 'both'],
  ])('is told of: %s', async (_name, place, changed) => {
    const { renew, told, server, claims } = await aLine('report');
    expect(await renew(place)).toBe('renewed');
    expect(await renew(place)).toBe('renewed');
    expect(told()).toEqual([['refresh.moved', changed, 30]]);
    const line = server.logLines.findLast(({ event }) => event === 'refresh.moved');
    expect(line).toMatchObject({ connection: claims.grant_id, account: claims.sub, client: claims.client_id });
    expect(line).toMatchObject({ address: place.address, reference: expect.any(String) });
  });

  it('is not, where it is another address of the same network', async () => {
    const { renew, told } = await aLine('report');
    await renew({ ...home, address: '203.0.113.200' });
    expect(told()).toEqual([]);
  });
});

describe('two that take turns', () => {
  it('are a warning with the connection, which goes on', async () => {
    const { renew, told } = await aLine('report');
    for (const place of [elsewhere, home, elsewhere]) expect(await renew(place)).toBe('renewed');
    const moved = ['refresh.moved', 'network', 30];
    expect(told()).toEqual([moved, moved, moved, ['refresh.alternates', undefined, 40]]);
    expect(await renew(elsewhere)).toBe('renewed');
  });

  it('end the connection, where the operator says so, for both of them', async () => {
    const { renew, told } = await aLine('revoke');
    for (const place of [elsewhere, home]) expect(await renew(place)).toBe('renewed');
    expect(await renew(elsewhere)).toBe('invalid_grant');
    expect(await renew(home)).toBe('invalid_grant');
    expect(told().at(-1)).toEqual(['connection.revoked', 'renewed from two places', 40]);
  });

  it.each<[string, readonly Place[], number]>([
    ['somebody who goes to work and home', [elsewhere, home, elsewhere, home], 9 * 60 * minutes],
    ['a tool behind three networks', [elsewhere, third, home, elsewhere, third, home], 10 * minutes],
    ['somebody who went away and came back', [elsewhere, elsewhere, home, home], 10 * minutes],
  ])('are not: %s', async (_name, places, afterSeconds) => {
    const { renew, told } = await aLine('revoke');
    for (const place of places) expect(await renew(place, afterSeconds)).toBe('renewed');
    expect(told().filter(([event]) => event !== 'refresh.moved')).toEqual([]);
  });
});
