import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as kit from '@bkend/mcp-gateway';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createAuthorizationServer } from '../src/app.ts';
import { loadConfig } from '../src/config/index.ts';
import { directory } from './a-directory.ts';
import { closeConnections, postForm, send } from './http-client.ts';
import { people } from './people.ts';
import { startRedisServer } from './redis-server.ts';
import { percentile } from './statistics.ts';
import { connect, registerTool } from './tool.ts';

/** From the revocation to the 401 on three gateways under load; what the check costs, and the memory. `node bench/revocation.ts` */
const gateways = 3;
const revocations = Number(process.argv[2] ?? 200);
const manyEntries = 100_000;
const credentials = { clientId: 'gateway', clientSecret: 'known to this benchmark only' };
const { BENCH_ROLE: role, BENCH_REDIS: redisPort, BENCH_ISSUER: issuer = '' } = process.env;

async function listen(create: (origin: string) => Promise<RequestListener>) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', await create(origin));
  process.on('disconnect', () => process.exit(0));
  process.send?.(origin);
}

/** The shipped policy, with a client for the gateways. */
function readPolicy(path: string) {
  const policy = JSON.parse(readFileSync(path, 'utf8'));
  const [resource] = policy.resources;
  const { clientId, clientSecret } = credentials;
  const clients = [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [] }];
  return JSON.stringify({ ...policy, clients, resources: [{ ...resource, client: clientId }] });
}

async function serveAuthorization(origin: string) {
  const redis = { REDIS_URL: `redis://127.0.0.1:${redisPort}`, STORE_SECRET: 'x1'.repeat(16) };
  const config = loadConfig({ ISSUER: `${origin}/mcp`, ...redis, DEMO: '0', LOG_LEVEL: 'error' }, readPolicy);
  return (await createAuthorizationServer(config, { directory })).callback();
}

async function serveGateway(): Promise<RequestListener> {
  const followed = kit.followRevocations({ issuer, ...credentials });
  const protection = kit.protectResource({ issuer, resource: issuer, scopes: [], revocations: followed });
  await followed.ready();
  return async (req, res) => void ((await protection.middleware(req, res)) && res.end('ok'));
}

async function start(as: 'server' | 'gateway', env: Record<string, string>) {
  const child: ChildProcess = fork(new URL(import.meta.url), { env: { ...process.env, BENCH_ROLE: as, ...env } });
  process.once('exit', () => child.kill('SIGKILL'));
  const [origin] = (await once(child, 'message')) as [string];
  return { origin, [Symbol.dispose]: () => child.disconnect() };
}

async function measureLatency() {
  await using redis = await startRedisServer();
  using server = await start('server', { BENCH_REDIS: String(redis.port) });
  const own = `${server.origin}/mcp`;
  using started = new DisposableStack();
  const origins: string[] = [];
  for (let n = 0; n < gateways; n += 1) origins.push(started.use(await start('gateway', { BENCH_ISSUER: own })).origin);
  const paths = ['register', 'token', 'authorize', 'revoke'].map((name) => `${own}/oauth/${name}`);
  const [register, token, authorize, revoke] = paths as [string, string, string, string];
  const ready = { origin: server.origin, resource: own, register, token, authorize };
  const client_id = await registerTool(ready);
  const renew = async (refresh_token: string) => {
    const answer = await postForm(token, { grant_type: 'refresh_token', refresh_token, client_id });
    return JSON.parse(answer.body) as { access_token: string; refresh_token: string };
  };
  const call = async (origin: string, token: string) =>
    (await send(`${origin}/mcp`, { headers: { authorization: `Bearer ${token}` } })).status;

  let [isRunning, requests] = [true, 0];
  /** One that renews and calls the gateways, on and on. */
  async function load(person: number) {
    for (let tokens = await renew(await connect(ready, client_id, person)); isRunning; ) {
      tokens = await renew(tokens.refresh_token);
      for (let n = 0; n < 9; n += 1, requests += 1) {
        const status = await call(origins[n % gateways] as string, tokens.access_token);
        if (status !== 200) throw new Error(`refused without cause: ${status}`);
      }
    }
  }
  const loads = [load(0), load(1), load(2), load(3)];
  const begun = performance.now();
  const all: number[] = [];
  for (let n = 0; n < revocations; n += 1) {
    const tokens = await renew(await connect(ready, client_id, 4 + (n % (people - 4))));
    for (const origin of origins) await call(origin, tokens.access_token);
    const asked = performance.now();
    const refused = origins.map(async (origin) => {
      while ((await call(origin, tokens.access_token)) !== 401);
      return performance.now() - asked;
    });
    await postForm(revoke, { token: tokens.refresh_token, client_id });
    all.push(Math.max(...(await Promise.all(refused))));
  }
  isRunning = false;
  await Promise.all(loads);
  const perSecond = Math.round(requests / ((performance.now() - begun) / 1000));
  closeConnections();
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(all, share).toFixed(1));
  say(`revoke request to 401 on the last of ${gateways} gateways, ${all.length} times, beside ${perSecond} calls/s:`);
  say(`  p50 ${p50} ms   p99 ${p99} ms   max ${max} ms`);
}

async function signToken(issuer: string, resource: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key', alg: 'ES256' };
  const keys = kit.createKeySet({
    issuer,
    jwksUri: `${issuer}/jwks`,
    fetch: async () => Response.json({ keys: [jwk] }),
  });
  const claims = {
    sub: 'ada',
    client_id: 'tool',
    grant_id: 'live',
    org_id: 'acme',
    org_slug: 'acme',
    org_role: 'owner',
  };
  const token = await new SignJWT({ ...claims, iss: issuer, aud: resource, scope: 'project:read', jti: 'token' })
    .setProtectedHeader({ alg: 'ES256', kid: 'key', typ: 'at+jwt' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  return { token, verification: { issuer, resource, keys } };
}

/** A list of so many connections, and what it weighs. */
function fillList(gc: () => void) {
  gc();
  const before = process.memoryUsage().heapUsed;
  const list = kit.createRevocationList();
  const at = Math.floor(Date.now() / 1000);
  for (let n = 0; n < manyEntries; n += 1) {
    const id = `${String(n).padStart(10, '0')}Vw0hK3qZJ1t9sXcBnM7uYyPfRgLdEa4o6`;
    list.accept([JSON.parse(JSON.stringify({ kind: 'connection', id, at, until: at + 3660 }))]);
  }
  list.markCurrent();
  gc();
  return { list, bytes: process.memoryUsage().heapUsed - before };
}

async function timeOf(count: number, work: () => unknown) {
  const begun = performance.now();
  for (let n = 0; n < count; n += 1) await work();
  return ((performance.now() - begun) / count) * 1000;
}

async function measureCost(gc: () => void) {
  const { token, verification } = await signToken('https://issuer.example', 'https://gateway.example/mcp');
  const { list, bytes } = fillList(gc);
  const cache = kit.createTokenCache(100);
  const variants = [
    { name: 'signature, each time', count: 500, more: {}, micros: [] as number[] },
    { name: 'remembered', count: 5000, more: { cache }, micros: [] as number[] },
    { name: 'remembered + revocations', count: 5000, more: { cache, revocations: list }, micros: [] as number[] },
  ];
  for (let round = 0; round < 15; round += 1) {
    for (const { micros, count, more } of variants) {
      micros.push(await timeOf(count, () => kit.verifyAccessToken(token, { ...verification, ...more })));
    }
  }
  say(`one verification, median of 15 rounds in turns, ${manyEntries} revocations held:`);
  for (const { name, micros } of variants) say(`  ${name.padEnd(26)} ${percentile(micros, 0.5).toFixed(2)} µs`);
  const identity = await kit.verifyAccessToken(token, verification);
  const begun = performance.now();
  for (let n = 0; n < 1_000_000; n += 1) void list.stateOf(identity);
  say(`  the look-up alone          ${((performance.now() - begun) / 1000).toFixed(3)} µs`);
  say(
    `memory of ${manyEntries} revocations: ${(bytes / 2 ** 20).toFixed(1)} MiB, ${Math.round(bytes / manyEntries)} bytes each`,
  );
}

const say = (line: string) => process.stdout.write(`${line}\n`);

if (role === 'server') await listen(serveAuthorization);
else if (role === 'gateway') await listen(serveGateway);
else {
  if (globalThis.gc) await measureCost(globalThis.gc as () => void);
  else say('cost and memory are left out: run it with --expose-gc');
  await measureLatency();
}
