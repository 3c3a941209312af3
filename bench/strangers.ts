import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, cpus } from 'node:os';
import { Redis } from 'ioredis';
import { createAuthorizationServer } from '../src/app.ts';
import { loadConfig } from '../src/config/index.ts';
import { directory } from './a-directory.ts';
import { withHighLimits } from './high-limits.ts';
import { closeConnections, send } from './http-client.ts';
import { startRedisServer } from './redis-server.ts';
import { spreadOf } from './statistics.ts';
import { connect, refresh, registerTool } from './tool.ts';

/**
 * How much Redis grows by what strangers leave, each as large as one may be: by registrations, or by sign-ins that nobody
 * finishes. And what they cost somebody who renews a connection meanwhile. From loopback, where nothing is limited by
 * network: as if every one came from another.
 */
const [, , wanted = '100000', kind = 'registrations'] = process.argv;
const count = Number(wanted);
const atOnce = 8;

const metadata = JSON.stringify({
  client_name: 'A stranger',
  redirect_uris: Array.from({ length: 3 }, (_, index) => `https://stranger.example/${index}/${'x'.repeat(1050)}`),
});

await using redis = await startRedisServer();
const client = new Redis(redis.port, '127.0.0.1');
const http = createServer();
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
const issuer = `${origin}/mcp`;
const config = loadConfig({
  ...{ ISSUER: issuer, STORE_SECRET: 'x1'.repeat(16), DEMO: '0', LOG_LEVEL: 'error' },
  REDIS_URL: `redis://127.0.0.1:${redis.port}`,
});
const server = await createAuthorizationServer(withHighLimits(config), { directory });
http.on('request', server.callback());
const endpoint = (name: string) => `${issuer}/oauth/${name}`;
const ready = {
  ...{ origin, resource: issuer },
  ...{ register: endpoint('register'), authorize: endpoint('authorize'), token: endpoint('token') },
};

const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
const medianOf = (values: readonly number[]) => spreadOf(values).median.toFixed(2);
const tool = await registerTool(ready);
let token = await connect(ready, tool, 0);

/** Milliseconds of renewals, one after the other, for as long as something goes on. */
async function renewWhile(goesOn: () => boolean): Promise<number[]> {
  const times: number[] = [];
  while (goesOn()) {
    const start = performance.now();
    token = await refresh(ready, tool, token);
    times.push(performance.now() - start);
  }
  return times;
}

const headers = { 'Content-Type': 'application/json' };
const request = new URLSearchParams({
  ...{
    response_type: 'code',
    client_id: tool,
    redirect_uri: 'http://127.0.0.1:8765/callback',
    state: 'x'.repeat(1200),
  },
  ...{ code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' },
});
const kinds = {
  registrations: {
    size: Buffer.byteLength(metadata),
    expected: 201,
    ask: () => send(ready.register, { method: 'POST', headers, body: metadata }),
  },
  'sign-ins': { size: String(request).length, expected: 303, ask: () => send(`${ready.authorize}?${request}`, {}) },
};
const { size, expected, ask } = kinds[kind as keyof typeof kinds];

async function leaveAll(count: number): Promise<number> {
  const start = performance.now();
  let begun = 0;
  const stranger = async () => {
    while (begun < count) {
      begun += 1;
      const { status, body } = await ask();
      if (status !== expected) throw new Error(`answered ${status}: ${body}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, stranger));
  return (performance.now() - start) / 1000;
}

const renewed = (times: number) => {
  let left = times;
  return () => left-- > 0;
};
await renewWhile(renewed(2000));
const alone = await renewWhile(renewed(2000));
const before = await usedMemory();
// The first tenth and the last: whether a store that is full of strangers is slower than one that is not.
const tenth = Math.floor(count / 10);
let isOver = false;
const beside = renewWhile(() => !isOver);
const first = await leaveAll(tenth);
await leaveAll(count - 2 * tenth);
const last = await leaveAll(tenth);
isOver = true;
const during = await beside;
const after = await usedMemory();
const afterwards = await renewWhile(renewed(2000));
const keys = await client.dbsize();

const mb = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
process.stdout.write(
  [
    `processors ${availableParallelism()} · model ${cpus()[0]?.model} · node ${process.version} · redis ${redis.version}`,
    `${count} ${kind} of ${size} bytes: Redis grew by ${mb(after - before)} MB, to ${keys} keys`,
    `${kind} a second: ${(tenth / first).toFixed(0)} at the beginning, ${(tenth / last).toFixed(0)} at the end`,
    `a renewal, median: ${medianOf(alone)} ms before, ${medianOf(during)} ms beside ${atOnce} strangers, ${medianOf(afterwards)} ms afterwards`,
    '',
  ].join('\n'),
);
closeConnections();
http.closeAllConnections();
await new Promise((resolve) => http.close(resolve));
await server.close();
client.disconnect();
