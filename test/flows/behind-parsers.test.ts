import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { bodyParser } from '@koa/bodyparser';
import express, { type RequestHandler } from 'express';
import { pino } from 'pino';
import { createAuthorizationServer, type Directory, loadConfig } from '../../src/index.ts';
import { connect } from '../support/connect.ts';

/** A server in an application that has this in front of it. */
async function start(
  inFront: RequestHandler[] | 'koa',
  directory?: (own: Directory) => Partial<Directory>,
  { guessed = false } = {},
) {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://localhost:${(http.address() as AddressInfo).port}`;
  const env = { ISSUER: `${origin}/mcp`, DATABASE: ':memory:', STORE_SECRET: 'a secret that only tests may know' };
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const plain = await createAuthorizationServer(loadConfig(env), { log });
  const server = directory
    ? await createAuthorizationServer(loadConfig(env), {
        log,
        directory: { ...plain.directory, ...directory(plain.directory) },
      })
    : plain;
  const app = express();
  if (inFront === 'koa') server.app.use(bodyParser());
  else app.use(...inFront, (_req, _res, next) => next());
  // As examples/mounted/README.md has it.
  if (guessed) app.all(['/authorize', '/token', '/register'], server.callback());
  app.use(server.middleware());
  app.use((_req, res) => void res.status(404).send('of the application'));
  http.on('request', app as RequestListener);
  const stop = async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
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
    const { client, refreshToken, claims } = await connect(host, {
      client: { token_endpoint_auth_method: 'client_secret_basic' },
    });
    expect(claims).toMatchObject({ org_slug: 'acme', scope: expect.stringContaining('project:delete') });
    expect((await client.refresh(refreshToken)).status).toBe(200);
    const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64');
    const revoked = await fetch(`${host.issuer}/oauth/revoke`, {
      method: 'POST',
      headers: { Authorization: `Basic ${basic}` },
      body: new URLSearchParams({ token: refreshToken }),
    });
    expect(revoked.status).toBe(200);
    const isOfParser = (line: unknown) => inFront.length > 0 && /already parsed request body/.test(String(line));
    expect(warn.mock.calls.flat().filter((line) => !isOfParser(line))).toEqual([]);
  });

  it.each([
    [true, [307, 400, 201]],
    [false, [404, 404, 404]],
  ])(
    'an application serves tools that guess if it hands on what they guess (R95, R111): %s',
    async (guessed, statuses) => {
      await using host = await start([express.json(), express.urlencoded()], undefined, { guessed });
      const form = { method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code' }) };
      const json = {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ redirect_uris: ['http://127.0.0.1:8765/callback'] }),
      };
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
    for (const [path, type] of [
      ['register', 'application/json'],
      ['token', 'application/x-www-form-urlencoded'],
      ['account/sign-in', 'application/x-www-form-urlencoded'],
    ]) {
      const response = await fetch(`${host.issuer}/oauth/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': type as string },
        body: type === 'application/json' ? '{"redirect_uris":[]}' : 'grant_type=none',
      });
      expect(response.status).toBe(500);
      expect(await response.json()).toMatchObject({
        error: 'server_error',
        error_description: expect.stringContaining('leave what was read in req.body'),
      });
    }
    const failed = host.lines.filter(({ event }) => event === 'error');
    expect(failed).toHaveLength(3);
    expect(failed[0]).toMatchObject({ err: { message: expect.stringContaining('left nothing in req.body') } });
  });
});

describe('claims of one’s own (R113)', () => {
  it('are in the first token and in each renewed one, as they are then, and below ours', async () => {
    const asked: string[][] = [];
    await using host = await start([], ({ findMembership: _unused }) => ({
      async claimsFor(accountId, organizationId) {
        asked.push([accountId, organizationId]);
        return { plan: `plan ${asked.length}`, org_role: 'emperor', sub: 'somebody else', exp: 1, active: false };
      },
    }));
    const { client, claims, refreshToken } = await connect(host);
    expect(claims).toMatchObject({ plan: 'plan 1', org_role: 'owner' });
    const renewed = JSON.parse(
      Buffer.from(
        String((await client.refresh(refreshToken)).body.access_token).split('.')[1] as string,
        'base64url',
      ).toString(),
    );
    expect(renewed).toMatchObject({ plan: 'plan 2', org_role: 'owner', sub: claims.sub });
    expect(renewed.exp - renewed.iat).toBe(3600);
    expect(asked).toEqual([
      [claims.sub, claims.org_id],
      [claims.sub, claims.org_id],
    ]);
    const introspected = await client.post('introspect', {
      token: String((await client.refresh(refreshToken)).body.access_token),
    });
    expect(introspected.body).toMatchObject({ active: true, plan: expect.any(String) });
  });

  it('that cannot be found take nothing: the tool tries again and is answered', async () => {
    let isAway = false;
    await using host = await start([], () => ({
      async claimsFor() {
        if (isAway) throw new Error('the directory is away');
        return {};
      },
    }));
    const { client, refreshToken } = await connect(host);
    isAway = true;
    expect((await client.refresh(refreshToken)).status).toBeGreaterThanOrEqual(500);
    isAway = false;
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
});
