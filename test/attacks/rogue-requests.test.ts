import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { watchStore } from '../support/attacked.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, relyingParty } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** Requests without end, beside thousands of people behind the same address (of no chapter: denial of service). */
const claude = '160.79.104.10';
const chatgpt = '20.102.212.144';
const callbacks = {
  [claude]: 'https://claude.ai/api/mcp/auth_callback',
  [chatgpt]: 'https://chatgpt.com/connector_platform_oauth_redirect',
};
const rogue = '198.51.100.7';
const people = 1000;

const { clock, pass } = createTestClock();
const store = shared(() => watchStore(clock));
const server = shared(() =>
  startServer({
    env: { ...store.env, TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'silent' },
    parts: { clock },
  }),
);
// Every test has a minute, and the rogue's limits, of its own.
afterEach(() => pass(minutes(2)));

const from = (address: string) => ({ 'X-Forwarded-For': address });
const json = { 'Content-Type': 'application/json' };

function register(address: string, redirectUri: string, more = {}, to = server) {
  const body = JSON.stringify({ client_name: 'A tool', redirect_uris: [redirectUri], ...more });
  return fetch(`${to.issuer}/oauth/register`, { method: 'POST', headers: { ...json, ...from(address) }, body });
}
const registered = async (address: string, redirectUri: string, more = {}) =>
  relyingParty(server.issuer, (await (await register(address, redirectUri, more)).json()) as Record<string, unknown>);
const authorize = (address: string, client: RelyingParty) =>
  fetch(client.authorizationRequest().url, { headers: { ...from(address), Accept: 'text/html' }, redirect: 'manual' });
const post = (address: string, endpoint: string, fields: Record<string, string>) =>
  fetch(`${server.issuer}/oauth/${endpoint}`, {
    method: 'POST',
    headers: from(address),
    body: new URLSearchParams(fields),
  });

/** How often it is answered until it is refused for a while, and with what; it is told for how long. */
async function untilRefused(ask: (time: number) => Promise<Response>, most = 200) {
  for (let time = 1; time <= most; time += 1) {
    const answer = await ask(time);
    if (answer.status !== 429) continue;
    expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    return { time, answer };
  }
  return { time: Number.POSITIVE_INFINITY, answer: undefined };
}

async function statusesOf(count: number, ask: (n: number) => Promise<Response>) {
  const statuses = new Set<number>();
  for (let n = 0; n < count; n += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => ask(n + at)));
    for (const { status } of answers) statuses.add(status);
  }
  return [...statuses];
}

describe.each(Object.entries(callbacks))(
  `a thousand people behind the addresses of a hosted client, %s,`,
  (address, callback) => {
    it('register and begin without ever being told to wait (R85)', async () => {
      expect(await statusesOf(2 * people, () => register(address, callback))).toEqual([201]);
      const client = await registered(address, callback);
      expect(await statusesOf(people, () => authorize(address, client))).toEqual([303]);
    });

    describe('each of whom fails', () => {
      let shared: RelyingParty;
      let fields: Record<string, string>;
      // Claude's addresses are known; ChatGPT's change, and are known by whom was connected from there.
      beforeAll(async () => {
        shared = await registered(address, callback);
        fields = { ...shared.identity, grant_type: 'refresh_token', refresh_token: 'ended' };
        if (address !== chatgpt) return;
        const { url, verifier } = shared.authorizationRequest();
        const code = (await createPerson(server.origin).approves(url)).searchParams.get('code') ?? '';
        const redeemed = { ...shared.identity, grant_type: 'authorization_code', code, code_verifier: verifier };
        expect((await post(address, 'token', { ...redeemed, redirect_uri: callback })).status).toBe(200);
      });

      it.each<[how: string, status: number, ask: (n: number) => Promise<Response>]>([
        [
          'with connections of one client that ended',
          400,
          (n) => post(address, 'token', { ...fields, refresh_token: `ended-${n}` }),
        ],
        ['with clients that are gone', 401, (n) => post(address, 'token', { ...fields, client_id: `dyn-${n}` })],
        [
          'with a secret that was replaced',
          401,
          () => post(address, 'token', { ...fields, client_secret: 'replaced' }),
        ],
        ['with a registration that is refused', 400, () => register(address, 'ftp://tool.example/')],
      ])('%s, without ever being told to wait', async (_how, status, ask) => {
        expect(await statusesOf(people, ask)).toEqual([status]);
      });
    });
  },
);

describe('a rogue is refused within ten requests, and told when to come again, who', () => {
  const client = (address = rogue) => registered(address, 'https://rogue.example/callback');

  it('registers', async () => {
    const { time, answer } = await untilRefused((n) => register(rogue, `https://rogue-${n}.example/callback`));
    expect(time).toBeLessThanOrEqual(10);
    expect(Number(answer?.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(await answer?.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(
        /^too many clients register from your network, try again in \d+ seconds$/,
      ),
    });
    const again = await store.changesNothing(() => register(rogue, 'https://rogue.example/callback'));
    expect(again.status).toBe(429);
    expect((await register('198.51.101.1', 'https://tool.example/callback')).status).toBe(201);
  });

  it('registers what cannot be registered', async () => {
    expect((await untilRefused(() => register(rogue, 'ftp://rogue.example/'))).time).toBeLessThanOrEqual(10);
  });

  it('registers at several servers, or from its whole network', async () => {
    await using other = await startServer({
      env: { ...store.env, TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'silent' },
      issuer: server.issuer,
      parts: { clock },
    });
    const callback = 'https://rogue.example/callback';
    const at = { ...server, issuer: `${other.origin}/mcp` };
    const answers = await untilRefused((n) => register(`198.51.100.${n}`, callback, {}, n % 2 ? server : at));
    expect(answers.time).toBeLessThanOrEqual(10);
    const { time } = await untilRefused((n) => register(`2001:db8:1:0${n.toString(16)}::1`, callback));
    expect(time).toBeLessThanOrEqual(10);
    // One customer has all 256 networks of a /48, and four times as many requests.
    const wide = await untilRefused((n) => register(`2001:db8:2:${n.toString(16)}00::1`, callback));
    expect(wide.time).toBe(37);
  });

  it('begins authorizations that it never finishes', async () => {
    const tool = await client();
    const { time, answer } = await untilRefused(() => authorize(rogue, tool));
    expect(time).toBeLessThanOrEqual(10);
    expect(answer?.headers.get('location')).toBeNull();
    expect(await answer?.text()).toContain('One moment, please');
    expect((await store.changesNothing(() => authorize(rogue, tool))).status).toBe(429);
    expect((await authorize('203.0.113.5', tool)).status).toBe(303);
  });

  it('begins authorizations for another client of its own each time, and no client that somebody has approved waits for it', async () => {
    const tools: RelyingParty[] = [];
    for (let n = 1; n <= 12; n += 1)
      tools.push(await registered(`192.0.${n}.1`, `https://rogue-${n}.example/callback`));
    const used = await registered('203.0.113.77', 'https://tool.example/callback');
    await createPerson(server.origin).approves(used.authorizationRequest().url);
    const { time, answer } = await untilRefused((n) => authorize(rogue, tools[n % tools.length] as RelyingParty));
    expect([time <= 10, answer?.headers.get('location')]).toEqual([true, null]);
    for (const tool of tools) expect((await store.changesNothing(() => authorize(rogue, tool))).status).toBe(429);
    expect((await authorize(rogue, used)).status).toBe(303);
    expect((await authorize('203.0.113.5', tools[0] as RelyingParty)).status).toBe(303);
  });

  it('says that its requests are those of a hosted client', async () => {
    const tool = await client();
    const { url } = tool.authorizationRequest({ redirect_uri: callbacks[claude] });
    const ask = () => fetch(url, { headers: from(rogue), redirect: 'manual' });
    expect((await untilRefused(ask)).time).toBeLessThanOrEqual(10);
  });

  it('guesses at refresh tokens, codes and ids of clients', async () => {
    const tool = await client();
    const fields = { client_id: tool.clientId, client_secret: tool.clientSecret ?? '', grant_type: 'refresh_token' };
    const guess = (n: number) => post(rogue, 'token', { ...fields, refresh_token: `guess-${n}` });
    expect((await untilRefused(guess)).time).toBeLessThanOrEqual(10);
    const unknown = (n: number) => post(rogue, 'token', { ...fields, client_id: `dyn-${n}`, refresh_token: 'x' });
    expect((await untilRefused(unknown)).time).toBeLessThanOrEqual(10);
  });

  it.each(['token', 'revocation', 'introspection'])('guesses at the secret of a client (%s endpoint)', async (name) => {
    const endpoint = { token: 'token', revocation: 'revoke', introspection: 'introspect' }[name] ?? '';
    const tool = await client('203.0.113.77');
    const fields = { client_id: tool.clientId, grant_type: 'refresh_token', refresh_token: 'x', token: 'x' };
    const guess = (n: number) => post(rogue, endpoint, { ...fields, client_secret: `guess-${n}` });
    expect((await untilRefused(guess)).time).toBeLessThanOrEqual(10);
    // Not even the right one is looked at then, but from elsewhere.
    const right = { ...fields, client_secret: tool.clientSecret ?? '' };
    expect((await store.changesNothing(() => post(rogue, endpoint, right))).status).toBe(429);
    expect((await post('203.0.113.77', endpoint, right)).status).not.toBe(429);
  });

  it.each(['in a network of a hosted client', 'that it has shown before'])('guesses at a secret %s', async (how) => {
    const tool = await client('203.0.113.77');
    const isHosted = how === 'in a network of a hosted client';
    const fields = { ...tool.identity, grant_type: 'refresh_token', refresh_token: 'x' };
    const guess = (n: number) =>
      post(isHosted ? claude : rogue, 'token', { ...fields, client_secret: isHosted ? `guess-${n}` : 'guess' });
    expect((await untilRefused(guess)).time).toBeLessThanOrEqual(10);
  });

  it('guesses at one secret from a hundred networks, and keeps out none from which it was connected', async () => {
    const home = '203.0.113.77';
    const tool = await client(home);
    const { url, verifier } = tool.authorizationRequest();
    const code = (await createPerson(server.origin).approves(url)).searchParams.get('code') ?? '';
    const redeemed = { ...tool.identity, grant_type: 'authorization_code', code, code_verifier: verifier };
    expect((await post(home, 'token', { ...redeemed, redirect_uri: 'https://rogue.example/callback' })).status).toBe(
      200,
    );
    const fields = { ...tool.identity, grant_type: 'refresh_token', refresh_token: 'x' };
    const guess = (n: number) => post(`10.0.${n}.1`, 'token', { ...fields, client_secret: `guess-${n}` });
    expect((await untilRefused(guess)).time).toBeLessThanOrEqual(91);
    expect((await post('10.1.1.1', 'token', fields)).status).toBe(429);
    expect((await post(home, 'token', fields)).status).toBe(400);
  });
});

describe('nobody else waits for a rogue', () => {
  it('in whose network somebody renews with a token that is good', async () => {
    const client = await registered(rogue, 'http://127.0.0.1:8765/callback');
    const { url, verifier } = client.authorizationRequest();
    const answer = await client.exchange(await createPerson(server.origin).approves(url), verifier);
    const fields = { ...client.identity, grant_type: 'refresh_token' };
    await untilRefused(() => post(rogue, 'token', { ...fields, refresh_token: 'wrong' }));
    const right = { ...fields, refresh_token: answer.body.refresh_token ?? '' };
    expect((await post(rogue, 'token', right)).status).toBe(200);
  });

  it('whose minute is over', async () => {
    const { answer } = await untilRefused(() => register(rogue, 'https://rogue.example/callback'));
    pass(Number(answer?.headers.get('retry-after')) + 1);
    expect((await register(rogue, 'https://rogue.example/callback')).status).toBe(201);
  });

  it('behind a proxy on this machine that nobody named', async () => {
    const body = JSON.stringify({ redirect_uris: ['https://tool.example/callback'] });
    const ask = () => fetch(`${server.issuer}/oauth/register`, { method: 'POST', headers: json, body });
    expect(await statusesOf(50, ask)).toEqual([201]);
  });
});
