import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { stop } from '../support/child-output.ts';
import { connect } from '../support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { gateway, policyWithGateway } from '../support/gateway-policy.ts';
import { startRedis } from '../support/redis.ts';
import { monitorRedis } from '../support/redis-monitor.ts';
import { startServer } from '../support/server.ts';
import { README_RESOURCE, readSource, runProgram, serveProgram } from './programs.ts';

const WITHOUT_HTTP = 'Without the feed over HTTP';

/** Runs the program beside a server, revokes a connection, and tells what its calls were answered with. */
async function callsAround(heading: string, options: Parameters<typeof runProgram>[2], env = {}): Promise<number[]> {
  const [resource] = JSON.parse(readSource('config/auth.json')).resources;
  const resources = [{ ...resource, uri: README_RESOURCE, client: gateway.clientId }];
  using policy = policyWithGateway({ resources });
  await using server = await startServer({ env: { ...env, ...policy.env } });
  const { client, accessToken, refreshToken } = await connect(server, { request: { resource: README_RESOURCE } });
  await using program = await serveProgram(heading, server.issuer, options);
  const status = async () => (await program.ask(accessToken)).status;
  await eventually(async () => (await status()) !== 503);
  const before = await status();
  await client.post('revoke', { token: refreshToken });
  await eventually(async () => (await status()) !== 200);
  return [before, await status()];
}

describe('the README of the kit, of revocation,', () => {
  it('shows a program that follows the feed', async () => {
    const change = (code: string) => code.replace('my-gateway', gateway.clientId);
    const env = { CLIENT_SECRET: gateway.clientSecret };
    expect(await callsAround('Revocation', { change, env })).toEqual([200, 401]);
  });

  it('shows a program that reads the stream of Redis itself', async () => {
    await using redis = await startRedis();
    const env = { REDIS_URL: redis.url };
    expect(await callsAround(WITHOUT_HTTP, { env }, env)).toEqual([200, 401]);
  });

  it('shows a program that waits for the first revocation only when it knows that there is none', async () => {
    await using redis = await startRedis();
    const monitor = await monitorRedis(redis.url);
    const operator = new Redis(redis.url);
    let program: ReturnType<typeof runProgram> | undefined;
    // One look at all it asks until it waits: between two looks a command could be missed.
    const commands = await monitor.commandsOf(async () => {
      program = runProgram(WITHOUT_HTTP, 'https://api.example/mcp', { env: { REDIS_URL: redis.url } });
      await eventually(async () => (await operator.info('clients')).includes('blocked_clients:1'));
    });
    if (program) await stop(program);
    operator.disconnect();
    monitor.close();
    const reads = commands.filter((command) => /^xread/i.test(command));
    expect(reads.map((command) => /block/i.test(command))).toEqual([false, true]);
  });
});
