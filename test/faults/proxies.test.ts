import { once } from 'node:events';
import { get } from 'node:http';
import { expect, it } from '@jest/globals';
import { startServer } from '../support/server.ts';

const reports = (lines: readonly Record<string, unknown>[]) => lines.filter(({ event }) => event === 'proxy.untrusted');
const ask = (origin: string, headers: Record<string, string>) => fetch(`${origin}/mcp/oauth/jwks`, { headers });

it('X-Forwarded-* from outside TRUSTED_PROXIES is one warning for each peer (R114)', async () => {
  await using server = await startServer();
  await ask(server.origin, {});
  expect(reports(server.logLines)).toEqual([]);
  for (const name of ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-For'])
    await ask(server.origin, { [name]: '192.0.2.7' });
  const first = expect.objectContaining({ level: 40, peer: '127.0.0.1' });
  expect(reports(server.logLines)).toEqual([first]);

  for (const localAddress of ['127.0.0.2', '127.0.0.2', '127.0.0.1']) {
    const headers = { 'X-Forwarded-For': '192.0.2.7' };
    const [response] = await once(
      get(`${server.origin}/mcp/oauth/jwks`, { localAddress, headers, family: 4 }),
      'response',
    );
    response.resume();
  }
  expect(reports(server.logLines)).toEqual([first, expect.objectContaining({ level: 40, peer: '127.0.0.2' })]);
});

it('X-Forwarded-* from a proxy that is named is none', async () => {
  await using server = await startServer({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  await ask(server.origin, { 'X-Forwarded-For': '192.0.2.7' });
  expect(reports(server.logLines)).toEqual([]);
});
