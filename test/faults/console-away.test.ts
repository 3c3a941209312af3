import { describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { aPersonOf, theHandOff } from '../hand-off/hand-off.ts';
import { createTestClock } from '../support/clock.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { listening } from '../support/listening.ts';
import { fresh } from '../support/shared.ts';

/** Longer than what the console has answered counts as just asked. */
const aMoment = 1.1;

const time = fresh(createTestClock);
const here = fresh(() => theHandOff({ parts: { clock: time.clock } }));

const metric = async (name: string) => {
  await using operations = await listening(here.server.operations());
  const text = await (await fetch(`${operations.origin}/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith(name));
};

describe('while the console is away', () => {
  it('a refresh is answered with 503 and consumes nothing, and works again afterwards', async () => {
    const { access_token: accessToken, refresh_token: refreshToken } = await aPersonOf(here).connects();
    const userinfo = () =>
      fetch(`${here.issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } });
    const counts = await metric('mcp_auth_directory_seconds_count');
    for (const question of ['account', 'memberships'])
      expect(counts.join('\n')).toMatch(new RegExp(`question="${question}",outcome="answered"\\} [1-9]`));
    await here.stopConsole();
    time.pass(aMoment);

    const refused = await here.tool.refresh(String(refreshToken));
    expect(refused).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await userinfo()).status).toBe(503);
    // Said once, and not with every request.
    const lines = (name: string) => here.logLines.filter(({ event }) => event === name).map(({ level }) => level);
    expect(lines('directory.unavailable')).toEqual([40]);
    expect(await metric('mcp_auth_directory_failures_total')).toEqual([
      expect.stringMatching(/question=.* [1-9]/),
      expect.anything(),
    ]);

    await here.startConsole();
    // Until the circuit lets somebody through.
    await eventually(async () => (await here.tool.refresh(String(refreshToken))).status === 200);
    const renewed = await here.tool.refresh(String(refreshToken));
    expect([renewed.status, typeof renewed.body.refresh_token]).toEqual([200, 'string']);
    expect(lines('directory.available')).toEqual([40]);
  });

  it('a person reads a page, and the way back from the console keeps nothing half done', async () => {
    const person = aPersonOf(here);
    const { page } = await person.begins();
    const back = await person.signsIn(page, 'edsger@example.com');
    await here.stopConsole();
    const away = await person.follow(await person.atServer.open(back.url.href));
    expect([away.status, away.html]).toEqual([503, expect.stringContaining('We cannot go on right now')]);
    await here.startConsole();
    const again = await person.follow(await person.atServer.open(back.url.href));
    expect(again.html).toContain('Authorize');
  });

  it('five questions without an answer open the circuit, which a metric and one line say', async () => {
    await here.stopConsole();
    const ask = (id: string) => here.server.directory.findAccount(id).catch(({ check }) => check);
    for (let n = 0; n < 6; n++) await ask(`u_${n + 10}`);
    expect(await ask('u_99')).toBe('circuit open');
    expect(await metric('mcp_auth_directory_breaker_open')).toEqual(['mcp_auth_directory_breaker_open 1']);
    const opened = here.logLines.filter(({ event, state }) => event === 'directory.breaker' && state === 'open');
    expect(opened).toHaveLength(1);
    await here.startConsole();
  });
});

describe('while the store is away', () => {
  it('the console is answered with 503 as JSON, whatever it accepts', async () => {
    const store = createSqliteStore(':memory:');
    await using other = closing(await theHandOff({ parts: { store } }));
    for (const verb of ['read', 'readMany', 'count'] as const)
      Object.assign(store, { [verb]: async () => Promise.reject(new StoreUnavailable(new Error('away'))) });
    const answers = await Promise.all([
      other.call('challenges/x/accept', { account: { id: 'u_1' }, auth_time: 1 }, { accept: 'text/html' }),
      other.call('events', [{ id: 'e', type: 'account.disabled', account: 'u_1', at: 1 }]),
      fetch(`${other.issuer}/oauth/directory/challenges/x`),
    ]);
    const away = [503, '5', expect.objectContaining({ error: 'temporarily_unavailable' })];
    for (const answer of answers)
      expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual(away);
  });
});

describe('while its last answer is believed', () => {
  it('a refresh goes on', async () => {
    const directory = { unavailable: { believeFor: 900 } };
    await using other = closing(await theHandOff({ directory, parts: { clock: time.clock } }));
    const { refresh_token: refreshToken } = await aPersonOf(other).connects();
    await other.stopConsole();
    time.pass(aMoment);
    expect((await other.tool.refresh(String(refreshToken))).status).toBe(200);
  });
});
