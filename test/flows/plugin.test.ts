import type { Server } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { createServerWithPieces, createServerWithPlugin } from '../../examples/plugin/server.ts';
import { connect } from '../support/connect.ts';
import { freePort } from '../support/redis.ts';

const ways = [
  { way: 'everything at once', create: createServerWithPlugin },
  { way: 'piece by piece', create: createServerWithPieces },
];

describe.each(ways)('the plugin in an oidc-provider of one’s own, $way', ({ create }) => {
  async function start() {
    const port = await freePort();
    const issuer = `http://localhost:${port}/mcp`;
    const settings = {
      ISSUER: issuer,
      DATABASE: ':memory:',
      STORE_SECRET: 'a secret that only tests may know',
      LOG_LEVEL: 'silent',
    };
    const { http, plugin } = await create(settings);
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
    return { issuer, origin: new URL(issuer).origin, plugin, http, [Symbol.asyncDispose]: () => stop(http, plugin) };
  }

  it('connects a person to a tool, with the organization in the first token', async () => {
    await using server = await start();
    const { claims } = await connect(server, { request: { resource: server.issuer, scope: 'project:read' } });
    expect(claims).toMatchObject({ org_slug: 'acme', scope: 'project:read' });
  });

  it('keeps what the host had: scopes, clients and features', async () => {
    await using server = await start();
    const metadata = await (await fetch(`${server.origin}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({ device_authorization_endpoint: expect.any(String), issuer: server.issuer });
    const known = await fetch(`${server.issuer}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: 'none',
        client_id: 'intranet',
        client_secret: 'a secret of yours',
      }),
    });
    expect(await known.json()).toMatchObject({ error: expect.stringMatching(/invalid_grant|invalid_request/) });
  });

  it('decides what it is for, whatever the host had', async () => {
    await using server = await start();
    const metadata = await (await fetch(`${server.origin}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({
      response_types_supported: ['code'],
      registration_endpoint: `${server.issuer}/oauth/register`,
    });
  });
});

async function stop(http: Server, plugin: { close(): Promise<void> }) {
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
  await plugin.close();
}
