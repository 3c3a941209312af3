import { describe, expect, it } from '@jest/globals';
import { repeatsPerStep } from '../../src/storage/store.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import type { RelyingParty, TokenAnswer } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, type TestStoreKind, testStores } from '../support/test-store.ts';

/** RFC 9700 §4.14, refresh token protection. */
const stores = Object.keys(testStores) as TestStoreKind[];

/** Whoever has a refresh token has as many access tokens as it asks for. */
const renewalsPerHour = 4;
async function renewUntilRefused(tool: RelyingParty, token: string, most = Number.POSITIVE_INFINITY) {
  for (let count = 0, held = token; ; count += 1) {
    const answer = await tool.refresh(held);
    if (answer.status !== 200 || count === most) return { count, held, answer };
    held = answer.body.refresh_token ?? '';
  }
}

describe.each(stores)('a tool that renews without end, kept in %s', (kind) => {
  const kept = shared(testStores[kind]);
  const options = () => ({ env: kept.env, parts: kept.parts, policy: { limits: { renewalsPerHour } } });
  const server = shared(() => startServer(options()));
  const other = shared(() => startServer({ ...options(), issuer: server.issuer }));
  const lineOf = async () => (await recordsOf(kept, 'refresh-line')).map(({ value }) => value).sort();

  it('is refused with 429 and the time to wait, and nothing changes in the store', async () => {
    const { client, refreshToken } = await connect(server);
    const { count, held, answer } = await renewUntilRefused(client, refreshToken);
    expect([count, answer.status]).toEqual([renewalsPerHour, 429]);
    expect(answer.body).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(/^this connection was renewed too often, try again in \d+ seconds$/),
    });

    const before = await lineOf();
    const fields = { grant_type: 'refresh_token', client_id: client.clientId, refresh_token: held };
    for (const { origin } of [server, other]) {
      const refused = await fetch(`${origin}/mcp/oauth/token`, { method: 'POST', body: new URLSearchParams(fields) });
      expect(refused.status).toBe(429);
      const seconds = Number(refused.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(3500);
      expect(seconds).toBeLessThanOrEqual(3600);
    }
    expect(await lineOf()).toEqual(before);
  });

  it('is refused as well when it repeats the same one within the grace, which costs less', async () => {
    const { client, refreshToken } = await connect(server);
    await client.refresh(refreshToken);
    const repeats = (renewalsPerHour - 1) * repeatsPerStep;
    const statuses = [];
    for (let time = 0; time < repeats + 2; time += 1) statuses.push((await client.refresh(refreshToken)).status);
    expect(statuses.indexOf(429)).toBe(repeats);
  });

  it('keeps its connection: neither its person nor another connection notices', async () => {
    const loud = await connect(server);
    const { answer } = await renewUntilRefused(loud.client, loud.refreshToken);
    const quiet = await connect(server);
    expect([answer.status, (await quiet.client.refresh(quiet.refreshToken)).status]).toEqual([429, 200]);
    expect(server.logLines.filter(({ event }) => event === 'connection.revoked')).toEqual([]);
  });
});

describe('a tool that was refused because it renewed too often', () => {
  it('renews with the token it holds once the hour is over', async () => {
    await using kept = await testStores.SQLite();
    const { env, parts } = kept;
    await using server = await startServer({ env, parts, policy: { limits: { renewalsPerHour: 1 } } });
    const { client, refreshToken } = await connect(server);
    const { count, held, answer } = await renewUntilRefused(client, refreshToken);
    expect([count, answer.status]).toEqual([1, 429]);
    await kept.pass(3600);
    expect((await client.refresh(held)).status).toBe(200);
  });

  it('is never refused where the operator set no limit', async () => {
    await using server = await startServer({ policy: { limits: { renewalsPerHour: 0 } } });
    const { client, refreshToken } = await connect(server);
    const { count, answer } = await renewUntilRefused(client, refreshToken, 260);
    expect([count, answer.status]).toEqual([260, 200]);
  });
});

/** A refresh token that several have is worth nothing to any of them. */
const rounds = 25;
describe.each(stores)('without a grace, kept in %s, one refresh token used', (kind) => {
  const kept = shared(testStores[kind]);
  const server = shared(() => startServer({ env: kept.env, policy: { lifetimes: { refreshGrace: 0 } } }));
  const ended = () => server.logLines.filter(({ event }) => event === 'connection.revoked').length;

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
      const before = ended();
      for (let round = 0; round < rounds; round += 1) {
        const { client, refreshToken } = await connect(server);
        await expectEnd(client, await Promise.all(Array.from({ length: uses }, () => client.refresh(refreshToken))));
      }
      expect(ended() - before).toBe(rounds);
    },
  );

  it('twice in a row, within the same second, ends its connection', async () => {
    const { client, refreshToken } = await connect(server);
    await expectEnd(client, [await client.refresh(refreshToken), await client.refresh(refreshToken)]);
  });

  it('once and its successor once goes on', async () => {
    const { client, refreshToken } = await connect(server);
    const { body } = await client.refresh(refreshToken);
    expect((await client.refresh(body.refresh_token ?? '')).status).toBe(200);
  });
});

/** Whoever stole a refresh token and renews in step with the tool replays nothing; but it comes from elsewhere. */
const { clock, pass } = createTestClock();
const whoseTurnsAre = (alternatingRenewals: 'report' | 'revoke') =>
  shared(() =>
    startServer({ env: { TRUSTED_PROXIES: '127.0.0.1,::1' }, policy: { alternatingRenewals }, parts: { clock } }),
  );
const servers = { report: whoseTurnsAre('report'), revoke: whoseTurnsAre('revoke') };

interface Place {
  readonly address: string;
  readonly agent: string;
}
const home: Place = { address: '203.0.113.7', agent: 'tool/1' };
const elsewhere: Place = { address: '198.51.100.9', agent: 'tool/1' };
const third: Place = { address: '192.0.2.4', agent: 'tool/1' };

async function aLine(setting: 'report' | 'revoke') {
  const server = servers[setting];
  const { client, claims, refreshToken } = await connect(server);
  let token = refreshToken;
  const renew = async ({ address, agent }: Place, afterSeconds = minutes(30)) => {
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
  const lines = () => server.logLines.filter(({ connection }) => connection === claims.grant_id);
  const told = () =>
    lines()
      .filter(({ event }) => /^refresh\.|^connection\.rev/.test(String(event)))
      .slice(1)
      .map(({ event, changed, level, reason }) => [event, changed ?? reason, level]);
  return { renew, lines, told, claims };
}

describe('a renewal from another place than the last one', () => {
  it.each([
    ['another network', { ...home, address: '198.51.100.9' }, 'network'],
    ['another program', { ...home, agent: 'curl/8' }, 'agent'],
    ['both', { address: '2001:db8::1', agent: 'curl/8' }, 'both'],
  ])('is told of: %s', async (_name, place, changed) => {
    const { renew, told, lines, claims } = await aLine('report');
    expect([await renew(place), await renew(place)]).toEqual(['renewed', 'renewed']);
    expect(told()).toEqual([['refresh.moved', changed, 30]]);
    const { sub: account, client_id: client } = claims;
    const whose = { account, client, address: place.address, reference: expect.any(String) };
    expect(lines().findLast(({ event }) => event === 'refresh.moved')).toMatchObject(whose);
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
    for (const place of [elsewhere, home]) expect(await renew(place)).toBe('invalid_grant');
    expect(told().at(-1)).toEqual(['connection.revoked', 'renewed from two places', 40]);
  });

  it.each<[string, readonly Place[], number]>([
    ['somebody who goes to work and home', [elsewhere, home, elsewhere, home], minutes(9 * 60)],
    ['a tool behind three networks', [elsewhere, third, home, elsewhere, third, home], minutes(10)],
    ['somebody who went away and came back', [elsewhere, elsewhere, home, home], minutes(10)],
  ])('are not: %s', async (_name, places, afterSeconds) => {
    const { renew, told } = await aLine('revoke');
    for (const place of places) expect(await renew(place, afterSeconds)).toBe('renewed');
    expect(told().filter(([event]) => event !== 'refresh.moved')).toEqual([]);
  });
});
