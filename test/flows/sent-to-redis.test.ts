import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { connect } from '../support/connect.ts';
import { startRedis } from '../support/redis.ts';
import { monitorRedis } from '../support/redis-monitor.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { password } from '../support/visitor.ts';

/** Its words that are words: what is done, and the kinds of records. */
const wordsOf = (command: string) =>
  command
    .replaceAll(/bkend:([\w-]+):\S+/g, '$1')
    .split(' ')
    .filter((word) => /^[a-z-]{3,}$/.test(word));

describe('a refresh', () => {
  const redis = shared(startRedis);
  // It looks at its store when it starts, and not again for a while.
  const startNode = async (issuer?: string) => {
    const node = await startServer({ env: { REDIS_URL: redis.url }, ...(issuer && { issuer }) });
    await fetch(`${node.origin}/readyz`);
    return node;
  };
  const server = shared(() => startNode());
  const monitor = shared(() => monitorRedis(redis.url));

  const commandsOf = async (act: () => Promise<unknown>) => (await monitor.commandsOf(act)).map(wordsOf);

  it('sends Redis two commands: what was presented and for whom, and the step of the line', async () => {
    const { client, refreshToken } = await connect(server);
    const first = await client.refresh(refreshToken); // Tells Redis the script.
    expect(await commandsOf(() => client.refresh(first.body.refresh_token ?? ''))).toEqual([
      ['mget', 'client', 'refresh-line', 'connection', 'account', 'organization'],
      ['evalsha', 'refresh-line', 'connection'],
    ]);
  });

  it('sends one more to a server that has not seen the connection before', async () => {
    const { client, refreshToken } = await connect(server);
    await using other = await startNode(server.issuer);
    const there = relyingParty(`${other.origin}/mcp`, client.registration);
    const [first, ...others] = await commandsOf(() => there.refresh(refreshToken, { resource: server.issuer }));
    expect(first).toEqual(['mget', 'client', 'refresh-line', 'connection']);
    expect(others[0]).toEqual(['mget', 'account', 'organization']);
  });

  it('with a token that nobody made sends one, another to tell the log why, and none that writes', async () => {
    const { client, refreshToken } = await connect(server);
    const forged = refreshToken.slice(0, -43) + 'A'.repeat(43);
    expect(await commandsOf(() => client.refresh(forged))).toEqual([
      ['mget', 'client', 'refresh-line', 'connection', 'account', 'organization'],
      ['mget', 'refresh-line', 'connection'],
    ]);
  });
});

describe('a flow of somebody who has been here before', () => {
  const redis = shared(startRedis);
  const server = shared(async () => {
    const server = await startServer({ env: { REDIS_URL: redis.url } });
    await fetch(`${server.origin}/readyz`);
    return server;
  });
  const monitor = shared(() => monitorRedis(redis.url));

  /** What is read, each time that anything is waited for; in whatever order within one command. */
  async function readBy<Result>(act: () => Promise<Result>) {
    let result: Result | undefined;
    const sent = (await monitor.commandsOf(async () => (result = await act()))).map(wordsOf);
    const reads = sent.filter(([verb]) => verb === 'mget').map(([, ...kinds]) => kinds.sort().join(' '));
    return { result: result as Result, reads, commands: sent.length };
  }

  it('asks Redis once for what each page needs, and again only where one answer says what to ask for next', async () => {
    const { result: first, reads } = await readBy(() => connect(server));
    // Whose connection a code is for is known from when it was approved.
    expect(reads.at(-1)).toBe('account authorization-code client connection organization');
    const { client } = first;
    const browser = createPlainBrowser(server.origin);
    const { url, verifier } = client.authorizationRequest();
    const signIn = await readBy(() => browser.open(url.href));
    const fields = { email: 'demo@example.com', password };
    const consent = await readBy(() => browser.submit(signIn.result, '/sign-in', fields));
    const last = await readBy(() => browser.submit(consent.result, '/consent'));
    const tokens = await readBy(() => client.exchange(last.result.url, verifier));

    expect(tokens.result.status).toBe(200);
    const page = ['account client interaction organization organization session signed-out'];
    expect([signIn, consent, last, tokens].map(({ reads }) => reads)).toEqual([
      ['client', 'client interaction'],
      [
        ...['client interaction', 'account-email', 'account factors signed-out', 'account interaction signed-out'],
        ...page,
        // The places of an installation, and the connection that one had when it was last looked at.
        'connection installation installation',
      ],
      [
        // The page has shown the connection of this installation.
        'account client connection installation interaction organization organization session signed-out',
        'account connection interaction session signed-out',
        'authorization-code connection receipt session signed-out',
      ],
      ['account authorization-code client connection organization'],
    ]);
    expect(signIn.commands + consent.commands + last.commands + tokens.commands).toBeLessThanOrEqual(31);
  });
});

const renewals = 2000;

describe('a connection that is renewed again and again, in Redis', () => {
  const redis = shared(startRedis);
  const client = shared(
    () => new Redis(redis.url),
    (it) => it.disconnect(),
  );
  const policy = { limits: { renewalsPerHour: renewals * 2 } };
  const server = shared(() => startServer({ env: { REDIS_URL: redis.url, LOG_LEVEL: 'silent' }, policy }));
  const monitor = shared(() => monitorRedis(redis.url));
  const before = shared(async () => new Set(await client.keys('*')));

  /** Every key that is there because of this connection: its client's, its person's and its browser's as well; but what is gone within a day, and counters of the server. */
  async function measure() {
    const known = (await client.keys('*')).filter((key) => !before.has(key) && !key.endsWith('-count')).sort();
    const lifetimes = await Promise.all(known.map((key) => client.ttl(key)));
    const keys = known.filter((_key, index) => Number(lifetimes[index]) > 86_400 || lifetimes[index] === -1);
    const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key)));
    const kinds = keys.map((key) => key.split(':')[1]);
    return { kinds, bytes: sizes.reduce<number>((sum, size) => sum + Number(size), 0) };
  }
  it(`takes as much room, as many keys and as many commands after ${renewals} renewals as after forty, and at most 6 kB`, async () => {
    const { client: tool, refreshToken } = await connect(server);
    let token = refreshToken;
    const costsAfter = async (times: number) => {
      for (let time = 0; time < times; time += 1) token = (await tool.refresh(token)).body.refresh_token ?? '';
      return { ...(await measure()), commands: (await monitor.commandsOf(() => tool.refresh(token))).length };
    };
    const early = await costsAfter(40);
    const late = await costsAfter(renewals);

    expect(late.kinds).toEqual(early.kinds);
    expect(late.kinds).toEqual(expect.arrayContaining(['connection', 'refresh-line', 'client']));
    expect(late.bytes).toBeLessThanOrEqual(early.bytes + 64);
    expect(late.bytes).toBeLessThanOrEqual(6 * 1024);
    expect([early.commands, late.commands]).toEqual([2, 2]);
  });
});
