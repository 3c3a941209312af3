import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { connect } from '../support/connect.ts';
import { policyWithGateway } from '../support/gateway-policy.ts';
import { registerClient } from '../support/relying-party.ts';
import { openStream } from '../support/revocation-stream.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(async () => {
  using policy = policyWithGateway();
  return await startServer({ env: policy.env });
});

const nothing = { status: 200, body: {} };
const ofAnother = async (token: string) => ({ token, ...(await registerClient(server.issuer)).identity });

describe('revoking an access token (RFC 7009)', () => {
  it('ends that token and tells the gateways, and nothing else ends', async () => {
    const { client, accessToken: token, refreshToken, claims } = await connect(server);
    await using stream = await openStream(server.issuer);
    await stream.untilCurrent();

    const { status, body } = await client.post('revoke', { token });

    expect({ status, body }).toEqual(nothing);
    expect((await stream.next()).entry).toEqual({
      ...{ kind: 'token', id: claims.jti, resource: server.issuer, reason: 'ended by the tool' },
      ...{ at: expect.any(Number), until: Number(claims.exp) + 300 },
    });
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('ends it for this server, too', async () => {
    const { client, accessToken: token } = await connect(server, { request: { scope: 'openid project:read' } });
    const headers = { Authorization: `Bearer ${token}` };
    const userinfo = async () => (await fetch(`${server.issuer}/oauth/userinfo`, { headers })).status;
    expect(await userinfo()).toBe(200);
    await client.post('revoke', { token });
    expect(await userinfo()).toBe(401);
  });

  it.each(['access_token', 'refresh_token', 'anything'])('is not misled by the hint %s (§2.1)', async (hint) => {
    const { client, accessToken: token } = await connect(server);
    expect((await client.post('revoke', { token, token_type_hint: hint })).status).toBe(200);
    expect((await client.post('introspect', { token })).body).toEqual({ active: false });
  });

  it('may be repeated (§2.2)', async () => {
    const { client, accessToken: token } = await connect(server);
    for (const _time of [1, 2]) expect((await client.post('revoke', { token })).status).toBe(200);
  });

  it('ends the connection when a tool does it without end, so that it cannot fill the feed (§2.1)', async () => {
    const { client, refreshToken, claims } = await connect(server);
    const tokens: string[] = [];
    let newest = refreshToken;
    for (let time = 0; time < 80; time += 1) {
      const { body } = await client.refresh(newest);
      tokens.push(body.access_token ?? '');
      newest = body.refresh_token ?? '';
    }

    await Promise.all(tokens.map((token) => client.post('revoke', { token })));

    await using stream = await openStream(server.issuer);
    const ids = (await stream.untilCurrent()).map(({ entry }) => entry.id);
    const ended = tokens.map((token) => decodeJwt(token).jti).filter((id) => ids.includes(id));
    expect(ended).toHaveLength(60);
    expect(ids.filter((id) => id === claims.grant_id)).toHaveLength(1);
    expect((await client.refresh(newest)).body.error).toBe('invalid_grant');
    expect((await client.post('introspect', { token: tokens[79] ?? '' })).body).toEqual({ active: false });
  });

  const refused = { status: 401, body: { error: 'invalid_client', error_description: expect.any(String) } };
  it.each<[string, (token: string) => Record<string, string> | Promise<Record<string, string>>, object]>([
    ['by another client, which learns of none', ofAnother, nothing],
    ['when it is altered', (token) => ({ token: `${token.slice(0, -6)}AAAAAA` }), nothing],
    ['when it is of nobody', () => ({ token: `${btoa('{"alg":"ES256"}')}.${btoa('{}')}.AAAA` }), nothing],
    ['by a client that nobody knows', (token) => ({ token, client_id: 'dyn-nobody' }), refused],
  ])('does nothing %s (§2.1, §2.2)', async (_name, parameters, answer) => {
    const { client, accessToken } = await connect(server);
    const { status, body } = await client.post('revoke', await parameters(accessToken));
    expect({ status, body }).toEqual(answer);
    expect((await client.post('introspect', { token: accessToken })).body.active).toBe(true);
  });
});
