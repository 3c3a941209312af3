import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { send } from '../support/endpoints.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

/** What README.md of `provider` says that the stock grants do and ours do not, as far as it can be seen. */
describe('our grants for codes and refresh tokens', () => {
  it('bind no token to a key, and the metadata do not say so either', async () => {
    const { body: metadata } = await send(`${server.origin}/.well-known/oauth-authorization-server/mcp`);
    for (const promise of [
      'dpop_signing_alg_values_supported',
      'tls_client_certificate_bound_access_tokens',
      'authorization_details_types_supported',
      'client_attestation_signing_alg_values_supported',
    ])
      expect(metadata).not.toHaveProperty(promise);
    expect(String(metadata.token_endpoint_auth_methods_supported)).not.toMatch(/tls|attest/);
    const { claims } = await connect(server);
    expect(claims).not.toHaveProperty('cnf');
  });

  it('keep a connection whose browser session has ended', async () => {
    const { client, person, refreshToken } = await connect(server);
    const account = await person.browser.open('/mcp/oauth/account/sign-out');
    await person.browser.submit(account, '/mcp/oauth/account/sign-out');
    expect((await person.browser.open('/mcp/oauth/account')).html).toContain('name="password"');
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

  it('forgive nothing of what is missing: without code, verifier or refresh token there is no answer', async () => {
    const { client } = await connect(server);
    for (const grant_type of ['authorization_code', 'refresh_token'])
      expect((await client.post('token', { grant_type })).body.error).toBe('invalid_request');
  });
});

describe('reading a client', () => {
  it('changes no request: the scope of a refresh is read where it is needed (R34)', async () => {
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
