import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const detailOf = (client: string) =>
  server.logLines.filter(({ event, client: id }) => event === 'grant.error' && id === client).at(-1)?.detail;

describe('a refresh', () => {
  it('without a refresh token is refused by name (RFC 6749 §5.2)', async () => {
    const { client } = await connect(server);
    const { status, body } = await client.post('token', { grant_type: 'refresh_token' });
    expect({ status, body }).toEqual({
      status: 400,
      body: { error: 'invalid_request', error_description: "missing required parameter 'refresh_token'" },
    });
  });

  it('with a parameter that is there twice is refused (RFC 6749 §3.2)', async () => {
    const { client, refreshToken } = await connect(server);
    const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: client.clientId });
    for (const token of [refreshToken, refreshToken]) body.append('refresh_token', token);
    const response = await fetch(`${server.issuer}/oauth/token`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('of a client that nobody knows is invalid_client, and costs the token nothing', async () => {
    const { client, refreshToken } = await connect(server);
    const stranger = relyingParty(server.issuer, { ...client.registration, client_id: 'dyn-nobody' });
    expect(await stranger.refresh(refreshToken)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it.each([
    ['that nobody issued', 'nobody-issued-this', 'refresh token not found: not made by this server'],
    ['that names a grant and nothing else', 'some-grant.', 'refresh token not found: not made by this server'],
    ['that names a grant nobody has', 'some-grant.some-secret', 'refresh token not found: not made by this server'],
    ['of another client', undefined, 'client mismatch'],
  ])(
    'with a token %s is invalid_grant, is told what to do, and only the log says why (R107)',
    async (_name, token, detail) => {
      const { client } = await connect(server);
      const presented = token ?? (await connect(server)).refreshToken;
      expect((await client.refresh(presented)).body).toEqual({
        error: 'invalid_grant',
        error_description: 'grant request is invalid - restart authorization',
      });
      expect(detailOf(client.clientId)).toBe(detail);
    },
  );

  it('with the right grant and another secret is invalid_grant, and the connection lives on', async () => {
    const { client, refreshToken, claims } = await connect(server);
    expect(await client.refresh(`${claims.grant_id}.guessed`)).toMatchObject({ body: { error: 'invalid_grant' } });
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it.each(['https://other.example/mcp', 'not a uri'])(
    'for %s is invalid_target, and costs nothing (R62)',
    async (uri) => {
      const { client, refreshToken } = await connect(server);
      expect(await client.refresh(refreshToken, { resource: uri })).toMatchObject({
        status: 400,
        body: { error: 'invalid_target' },
      });
      const next = await client.refresh(refreshToken);
      expect(next.status).toBe(200);
      // Not even within the grace: it was never taken.
      expect(await client.refresh(refreshToken)).toMatchObject({ body: { refresh_token: next.body.refresh_token } });
    },
  );
});
