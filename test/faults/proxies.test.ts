import { once } from 'node:events';
import { get } from 'node:http';
import { expect, it } from '@jest/globals';
import { startServer, type TestServer } from '../support/server.ts';

const reports = ({ logLines }: TestServer) => logLines.filter(({ event }) => event === 'proxy.untrusted');
const warning = (peer: string) =>
  expect.objectContaining({ level: 40, peer, msg: expect.stringMatching(/TRUSTED_PROXIES.*limits of one stranger/) });

async function ask(server: TestServer, headers: Record<string, string>, localAddress = '127.0.0.1') {
  const url = `${server.origin}/mcp/oauth/jwks`;
  const [response] = await once(get(url, { localAddress, headers, family: 4, agent: false }), 'response');
  await once(response.resume(), 'end');
}

const names = [
  ...['For', 'Proto', 'Host', 'Port', 'Method', 'Uri'].map((name) => `X-Forwarded-${name}`),
  ...['Method', 'URI', 'URL'].map((name) => `X-Original-${name}`),
  'Forwarded',
];

it('what only a proxy says is, from outside TRUSTED_PROXIES, one warning for each peer, and for 100 of them (R114)', async () => {
  await using server = await startServer();
  await ask(server, {});
  expect(reports(server)).toEqual([]);
  const warnings: unknown[] = [];
  for (const [index, name] of names.entries()) {
    const peer = `127.0.1.${index + 1}`;
    for (const _again of [1, 2]) await ask(server, { [name]: '192.0.2.7' }, peer);
    warnings.push(warning(peer));
    expect([name, ...reports(server)]).toEqual([name, ...warnings]);
  }
  for (let host = 1; host <= 100; host += 1) await ask(server, { Forwarded: 'for=192.0.2.7' }, `127.0.2.${host}`);
  expect(reports(server)).toHaveLength(100);
});

it('what a proxy says that is named is none', async () => {
  await using server = await startServer({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  for (const name of names) await ask(server, { [name]: '192.0.2.7' });
  expect(reports(server)).toEqual([]);
});
