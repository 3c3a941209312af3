import { expect, it } from '@jest/globals';
import { listening } from '../support/listening.ts';
import { startServer } from '../support/server.ts';

it('a request is counted by the name of its endpoint, never by its path', async () => {
  await using server = await startServer();
  const paths = {
    token: '/mcp/oauth/token',
    feed: '/mcp/oauth/revocations',
    verify: '/mcp/oauth/verify/some/resource',
    'protected-resource': '/mcp/oauth/protected-resource',
    userinfo: '/mcp/oauth/userinfo',
    account: '/mcp/oauth/account/connections/secret-id',
    interaction: '/mcp/oauth/interaction/secret-id',
    assets: '/mcp/oauth/assets/nothing.css',
    other: '/mcp/oauth/accountant',
  };
  for (const [label, path] of Object.entries(paths))
    await fetch(server.origin + path, { method: label === 'token' ? 'POST' : 'GET', redirect: 'manual' });

  expect((await fetch(`${server.origin}/metrics`)).status).toBe(404);
  await using operations = await listening(server.server.operations());
  const metrics = await (await fetch(`${operations.origin}/metrics`)).text();
  for (const path of ['/healthz', '/readyz']) expect((await fetch(operations.origin + path)).status).toBe(200);

  const counted = [...metrics.matchAll(/^mcp_auth_request_seconds_count\{endpoint="([^"]+)"/gm)].map(
    ([, name]) => name,
  );
  expect(counted.sort()).toEqual(Object.keys(paths).sort());
  expect(metrics).not.toContain('secret-id');
});
