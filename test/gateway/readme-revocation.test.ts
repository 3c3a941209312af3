import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { connect } from '../support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { gateway, policyWithGateway } from '../support/gateway-policy.ts';
import { startRedis } from '../support/redis.ts';
import { monitorRedis } from '../support/redis-monitor.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createIssuer } from './issuer.ts';
import { firstMessage, runProgram, stop } from './programs.ts';

const README = readFileSync(new URL('../../gateway/README.md', import.meta.url), 'utf8');
const RESOURCE = 'https://gateway.example.com/mcp';

function programAfter(heading: string): string {
  const chapter = README.slice(README.indexOf(`${heading}\n`));
  return /```ts\n([\s\S]*?)```/.exec(chapter)?.[1] ?? '';
}

async function startIssuer(env: Record<string, string> = {}): Promise<TestServer> {
  const shipped = JSON.parse(readFileSync(new URL('../../config/auth.json', import.meta.url), 'utf8'));
  const [resource] = shipped.resources;
  using policy = policyWithGateway({ resources: [{ ...resource, uri: RESOURCE, client: gateway.clientId }] });
  return await startServer({ env: { ...env, ...policy.env } });
}

/** Runs the program, revokes a connection, and tells what its calls were answered with. */
async function callsAround(server: TestServer, code: string, env: Record<string, string>): Promise<number[]> {
  const { client, accessToken, refreshToken } = await connect(server, { request: { resource: RESOURCE } });
  const program = runProgram(code, server.issuer, env);
  const url = `http://127.0.0.1:${await firstMessage(program)}/mcp`;
  const status = async () => (await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } })).status;
  await eventually(async () => (await status()) !== 503);
  const before = await status();
  await client.post('revoke', { token: refreshToken });
  await eventually(async () => (await status()) !== 200);
  const after = await status();
  await stop(program);
  return [before, after];
}

describe('the README of the kit, of revocation,', () => {
  it('shows a program that follows the feed', async () => {
    await using server = await startIssuer();
    const code = programAfter('## Revocation').replace('my-gateway', gateway.clientId);
    expect(await callsAround(server, code, { CLIENT_SECRET: gateway.clientSecret })).toEqual([200, 401]);
  });

  it('shows a program that reads the stream of Redis itself', async () => {
    await using redis = await startRedis();
    await using server = await startIssuer({ REDIS_URL: redis.url });
    const code = programAfter('### Without the feed over HTTP');
    expect(await callsAround(server, code, { REDIS_URL: redis.url })).toEqual([200, 401]);
  });

  it('shows a program that waits for the first revocation only when it knows that there is none', async () => {
    await using redis = await startRedis();
    const monitor = await monitorRedis(redis.url);
    const code = programAfter('### Without the feed over HTTP');
    const operator = new Redis(redis.url);
    let program: ReturnType<typeof runProgram> | undefined;
    // One look at all it asks until it waits: between two looks a command could be missed.
    const commands = await monitor.commandsOf(async () => {
      program = runProgram(code, 'https://api.example/mcp', { REDIS_URL: redis.url });
      await eventually(async () => (await operator.info('clients')).includes('blocked_clients:1'));
    });
    if (program) await stop(program);
    operator.disconnect();
    monitor.close();
    const reads = commands.filter((command) => /^xread/i.test(command));
    expect(reads.map((command) => /block/i.test(command))).toEqual([false, true]);
  });

  it('shows an issuer configuration that names the members as they are', () => {
    const [, json = '{}'] = /```json\n([\s\S]*?)```/.exec(README) ?? [];
    expect(JSON.parse(json)).toMatchObject({
      clients: [{ client_id: 'my-gateway', redirect_uris: [] }],
      resources: [{ client: 'my-gateway' }],
    });
  });

  it('lists every option of followRevocations', () => {
    const source = readFileSync(new URL('../../gateway/src/follow-revocations.ts', import.meta.url), 'utf8');
    const [, options = ''] = /interface FollowOptions[^{]*\{([\s\S]*?)\n\}/.exec(source) ?? [];
    const names = [...options.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
    const table = README.slice(README.indexOf('| option of `followRevocations`')).split('\n\n', 1)[0] ?? '';
    const listed = [...table.matchAll(/`(\w+)`(?=[,` ]*[^|]*\|)/g)].map(([, name]) => name);
    expect(listed).toEqual(expect.arrayContaining([...names, 'clientId', 'clientSecret']));
  });
});

describe('the README of the kit, of several resources,', () => {
  it('shows a program that tells them apart', async () => {
    await using issuer = await createIssuer();
    const program = runProgram(programAfter('## Several resources in one process'), issuer.url);
    const origin = `http://127.0.0.1:${await firstMessage(program)}`;
    const authorization = `Bearer ${await issuer.sign({ aud: RESOURCE })}`;
    const answers = [];
    for (const path of ['/mcp', '/reports', '/other']) {
      const response = await fetch(`${origin}${path}`, { headers: { authorization } });
      answers.push(response.status === 200 ? await response.text() : response.status);
    }
    await stop(program);
    expect(answers).toEqual([`Hello account-ada at ${RESOURCE}`, 401, 404]);
  });
});
