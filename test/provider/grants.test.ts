import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { connect } from '../support/connect.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** What README.md of `provider` says that the stock grants do and ours do not, as far as it can be seen. */
describe('our grants for codes and refresh tokens', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  it('bind no token to a key, and the metadata do not say so either', async () => {
    const metadata = await (await fetch(`${server.origin}/.well-known/oauth-authorization-server/mcp`)).json();
    for (const promise of [
      'dpop_signing_alg_values_supported',
      'tls_client_certificate_bound_access_tokens',
      'authorization_details_types_supported',
      'client_attestation_signing_alg_values_supported',
    ]) {
      expect(metadata).not.toHaveProperty(promise);
    }
    expect(String((metadata as Record<string, unknown>).token_endpoint_auth_methods_supported)).not.toMatch(
      /tls|attest/,
    );
    const { claims } = await connect(server);
    expect(claims).not.toHaveProperty('cnf');
  });

  it('keep a connection whose browser session has ended', async () => {
    const { client, person, refreshToken } = await connect(server);
    const account = await person.browser.open('/mcp/oauth/account/sign-out');
    await person.browser.submit(account, '/mcp/oauth/account/sign-out');
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('emit the success of a grant and no events of models; of the entities only the client is there', async () => {
    const { app } = server.server;
    const heard: string[] = [];
    const entities: string[][] = [];
    const modelEvents = ['access_token.issued', 'access_token.saved', 'refresh_token.saved', 'refresh_token.consumed'];
    for (const event of [...modelEvents, 'authorization_code.consumed', 'grant.success', 'grant.revoked']) {
      app.on(event as 'grant.success', (ctx) => {
        heard.push(event);
        if (event === 'grant.success') entities.push(Object.keys(ctx.oidc.entities));
      });
    }
    const { client, refreshToken } = await connect(server);
    await client.refresh(refreshToken);
    expect(heard).toEqual(['grant.success', 'grant.success']);
    expect(entities).toEqual([['Client'], ['Client']]);
  });

  it('make the same access token for a code as for a refresh token, claim by claim', async () => {
    const { client, refreshToken, claims } = await connect(server);
    const renewed = decodeJwt((await client.refresh(refreshToken)).body.access_token ?? '');
    const { jti: _one, iat: _then, exp: _end, ...first } = claims;
    const { jti: _another, iat: _now, exp: _later, ...second } = renewed;
    expect(second).toEqual(first);
    expect(Object.keys(renewed)).toEqual(Object.keys(claims));
  });

  it('forgive nothing of what is missing: without code, verifier or refresh token there is no answer', async () => {
    const { client } = await connect(server);
    expect((await client.post('token', { grant_type: 'authorization_code' })).body.error).toBe('invalid_request');
    expect((await client.post('token', { grant_type: 'refresh_token' })).body.error).toBe('invalid_request');
  });
});

describe('reading a client', () => {
  it('changes no request: the scope of a refresh is read where it is needed (R34)', async () => {
    await using server = await startServer();
    const { client, refreshToken } = await connect(server, { request: { scope: 'project:read project:create' } });
    const seen: unknown[] = [];
    server.server.app.on('grant.success', (ctx) => {
      const { params, body } = ctx.oidc as unknown as Record<'params' | 'body', Record<string, unknown>>;
      seen.push(params.scope, body.scope);
    });
    const { body } = await client.refresh(refreshToken, { scope: '  project:read  ' });
    expect(body.scope).toBe('project:read');
    expect(seen).toEqual([undefined, '  project:read  ']);
  });
});
