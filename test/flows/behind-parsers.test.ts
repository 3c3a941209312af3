import { once } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import { bodyParser } from '@koa/bodyparser';
import express, { type RequestHandler } from 'express';
import { decodeJwt } from 'jose';
import { pino } from 'pino';
import { createAuthorizationServer, type Directory, loadConfig } from '../../src/index.ts';
import { connect } from '../support/connect.ts';
import { basic } from '../support/gateway-policy.ts';
import { freePort } from '../support/redis.ts';
import { startServer } from '../support/server.ts';

/** A server in an application that has this in front of it, and hands on what tools guess where that is said. */
async function start(inFront: RequestHandler[] | 'koa', { guessed = false } = {}) {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const env = { ISSUER: `${origin}/mcp`, DATABASE: ':memory:', STORE_SECRET: 'a secret that only tests may know' };
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const server = await createAuthorizationServer(loadConfig(env), { log });
  const app = express();
  if (inFront === 'koa') server.app.use(bodyParser());
  else app.use(...inFront, (_req, _res, next) => next());
  // As examples/mounted/README.md has it.
  if (guessed) app.all(['/authorize', '/token', '/register'], server.callback());
  app.use(server.middleware());
  app.use((_req, res) => void res.status(404).send('of the application'));
  const http = app.listen(port, '127.0.0.1');
  await once(http, 'listening');
  const stop = async () => {
    http.closeAllConnections();
    http.close();
    await server.close();
  };
  return { origin, issuer: server.issuer, lines, [Symbol.asyncDispose]: stop };
}

const drain: RequestHandler = (req, _res, next) => void req.resume().on('end', () => next());

describe('a server behind', () => {
  it.each<[string, RequestHandler[] | 'koa']>([
    // First: oidc-provider warns once a process.
    ['nothing', []],
    ['express.json and express.urlencoded', [express.json(), express.urlencoded()]],
    ['express.urlencoded with nested names', [express.json(), express.urlencoded({ extended: true })]],
    ['express.text', [express.text({ type: '*/*' })]],
    ['express.raw', [express.raw({ type: '*/*' })]],
    ['a body parser of Koa in the same application', 'koa'],
  ])('%s registers, signs in, approves, issues and renews (R110)', async (_name, inFront) => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await using host = await start(inFront);
    const registration = { token_endpoint_auth_method: 'client_secret_basic' };
    const { client, refreshToken, claims } = await connect(host, { client: registration });
    expect(claims).toMatchObject({ org_slug: 'acme', scope: expect.stringContaining('project:delete') });
    expect((await client.refresh(refreshToken)).status).toBe(200);
    const headers = basic({ clientId: client.clientId, clientSecret: String(client.clientSecret) });
    const body = new URLSearchParams({ token: refreshToken });
    expect((await fetch(`${host.issuer}/oauth/revoke`, { method: 'POST', headers, body })).status).toBe(200);
    const isOfParser = (line: unknown) => inFront.length > 0 && /already parsed request body/.test(String(line));
    expect(warn.mock.calls.flat().filter((line) => !isOfParser(line))).toEqual([]);
  });

  it.each([
    [true, [307, 400, 201]],
    [false, [404, 404, 404]],
  ])(
    'an application serves tools that guess if it hands on what they guess (R95, R111): %s',
    async (guessed, statuses) => {
      await using host = await start([express.json(), express.urlencoded()], { guessed });
      const form = { method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code' }) };
      const body = JSON.stringify({ redirect_uris: ['http://127.0.0.1:8765/callback'] });
      const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
      const ask = (path: string, init?: RequestInit) => fetch(host.origin + path, { redirect: 'manual', ...init });
      const answers = await Promise.all([ask('/authorize?state=s'), ask('/token', form), ask('/register', json)]);

      expect(answers.map(({ status }) => status)).toEqual(statuses);
      if (guessed) expect(answers[0]?.headers.get('location')).toBe('/mcp/oauth/authorize?state=s');
      // What is not ours stays the application's.
      for (const path of ['/welcome', '/healthz', '/mcp', '/mcp/oauth/none', '/.well-known/acme-challenge/x'])
        expect([path, await (await ask(path)).text()]).toEqual([path, 'of the application']);
    },
  );

  it('something that drains bodies says so, once and by name, to who asks and in the log (R110)', async () => {
    await using host = await start([drain]);
    const form = ['application/x-www-form-urlencoded', 'grant_type=none'] as const;
    const registration = ['application/json', '{"redirect_uris":[]}'] as const;
    const all = { register: registration, token: form, 'account/sign-in': form };
    for (const [path, [type, body]] of Object.entries(all)) {
      const init = { method: 'POST', headers: { 'Content-Type': type }, body };
      const response = await fetch(`${host.issuer}/oauth/${path}`, init);
      const error_description = expect.stringContaining('leave what was read in req.body');
      expect(response.status).toBe(500);
      expect(await response.json()).toMatchObject({ error: 'server_error', error_description });
    }
    const failed = host.lines.filter(({ event }) => event === 'error');
    expect(failed).toHaveLength(3);
    expect(failed[0]).toMatchObject({ err: { message: expect.stringContaining('left nothing in req.body') } });
  });
});

describe('claims of one’s own (R113)', () => {
  /** A server whose directory has claims besides. */
  async function startWith(claimsFor: Directory['claimsFor'] & object) {
    const plain = await startServer();
    const host = await startServer({ parts: { directory: { ...plain.server.directory, claimsFor } } });
    const close = () => Promise.all([host.close(), plain.close()]).then(() => undefined);
    return { ...host, [Symbol.asyncDispose]: close };
  }

  it('are in the first token and in each renewed one, as they are then, and below ours', async () => {
    const asked: string[][] = [];
    await using host = await startWith(async (...about) => {
      asked.push(about);
      return { plan: `plan ${asked.length}`, org_role: 'emperor', sub: 'somebody else', exp: 1, active: false };
    });
    const { client, claims, refreshToken } = await connect(host);
    expect(claims).toMatchObject({ plan: 'plan 1', org_role: 'owner' });
    const { iat = 0, exp = 0, ...renewed } = decodeJwt((await client.refresh(refreshToken)).body.access_token ?? '');
    expect(renewed).toMatchObject({ plan: 'plan 2', org_role: 'owner', sub: claims.sub });
    expect(exp - iat).toBe(3600);
    expect(asked).toEqual(Array(2).fill([claims.sub, claims.org_id]));
    const token = String((await client.refresh(refreshToken)).body.access_token);
    const { body } = await client.post('introspect', { token });
    expect(body).toMatchObject({ active: true, plan: expect.any(String) });
  });

  it('that cannot be found take nothing: the tool tries again and is answered', async () => {
    let isAway = false;
    await using host = await startWith(async () => {
      if (isAway) throw new Error('the directory is away');
      return {};
    });
    const { client, refreshToken } = await connect(host);
    isAway = true;
    expect((await client.refresh(refreshToken)).status).toBeGreaterThanOrEqual(500);
    isAway = false;
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
});
