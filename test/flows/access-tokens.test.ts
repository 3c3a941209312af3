import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createTestClock } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { basic, gateway, policyWithGateway, stranger } from '../support/gateway-policy.ts';
import { type ConnectedMember, connectMember } from '../support/member.ts';
import { registerClient, type TokenAnswer } from '../support/relying-party.ts';
import { openStream } from '../support/revocation-stream.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const { clock, pass } = createTestClock();
const server = shared(async () => {
  using policy = policyWithGateway();
  return await startServer({ env: policy.env, parts: { clock } });
});
const connected = shared(() => connect(server));

async function introspect(token: string, who = gateway, more = {}): Promise<TokenAnswer> {
  const body = new URLSearchParams({ token, ...more });
  const response = await fetch(`${server.issuer}/oauth/introspect`, { method: 'POST', headers: basic(who), body });
  return { status: response.status, headers: response.headers, body: (await response.json()) as TokenAnswer['body'] };
}
/** What the gateway is answered. */
const introspected = async (token: string) => (await introspect(token)).body;

const inactive = { active: false };

describe('introspection of an access token (RFC 7662)', () => {
  it('tells the gateway of its resource everything that the token says', async () => {
    const { status, headers, body } = await introspect(connected.accessToken);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toEqual({ active: true, token_type: 'Bearer', ...connected.claims });
    const expected = ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id', 'scope', 'org_id', 'org_slug', 'org_role'];
    expect(Object.keys(body)).toEqual(expect.arrayContaining([...expected, 'grant_id']));
  });

  it('tells a tool of its own tokens', async () => {
    const { client, accessToken: token, claims } = connected;
    expect((await client.post('introspect', { token })).body).toMatchObject({ active: true, jti: claims.jti });
  });

  it.each(['access_token', 'refresh_token', 'anything'])('is not misled by the hint %s', async (hint) => {
    const { body } = await introspect(connected.accessToken, gateway, { token_type_hint: hint });
    expect(body.active).toBe(true);
  });

  it('tells a client of no resource, and another tool, what it tells of a token that never was', async () => {
    const other = await registerClient(server.issuer);
    const answers = [
      await introspect(connected.accessToken, stranger),
      await other.post('introspect', { token: connected.accessToken }),
      await introspect('nobody-issued-this'),
    ];
    expect(answers.map(({ body }) => body)).toEqual([inactive, inactive, inactive]);
  });

  it('is refused to whoever does not prove to be a client', async () => {
    const answer = await introspect(connected.accessToken, { ...gateway, clientSecret: 'guessed' });
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it.each([
    ['altered', (token: string) => `${token.slice(0, -6)}AAAAAA`],
    ['unsigned', (token: string) => `${btoa('{"alg":"none","typ":"at+jwt"}')}.${token.split('.')[1]}.`],
    ['cut', (token: string) => token.split('.').slice(0, 2).join('.')],
  ])('does not believe a token that was %s', async (_name, change) => {
    expect(await introspected(change(connected.accessToken))).toEqual(inactive);
  });

  it('does not take an ID token for an access token (RFC 9068 §4)', async () => {
    const { answer } = await connect(server, { request: { scope: 'openid project:read' } });
    expect(await introspected(String(answer.body.id_token))).toEqual(inactive);
  });

  it('is no error in the log', async () => {
    const before = server.logLines.length;
    await introspect(connected.accessToken);
    expect(server.logLines.slice(before).filter(({ event }) => event === 'introspection.error')).toEqual([]);
  });
});

describe('introspection says that a token is not active', () => {
  it('when it has expired', async () => {
    const { accessToken } = await connect(server);
    pass(3601);
    expect(await introspected(accessToken)).toEqual(inactive);
  });

  it.each<[string, (member: ConnectedMember) => Promise<unknown>]>([
    ['its connection has ended', ({ client, refreshToken }) => client.post('revoke', { token: refreshToken })],
    ['its person left the organization', ({ leaves }) => leaves()],
    ['its account is disabled', ({ isDisabled }) => isDisabled()],
  ])('when %s', async (why, end) => {
    const member = await connectMember(server, why);
    expect((await introspected(member.accessToken)).active).toBe(true);
    await end(member);
    expect(await introspected(member.accessToken)).toEqual(inactive);
  });

  it('when it was revoked itself, while another of the same connection is', async () => {
    const { client, accessToken, refreshToken } = await connect(server);
    const { body } = await client.refresh(refreshToken);
    await client.post('revoke', { token: accessToken });
    expect(await introspected(accessToken)).toEqual(inactive);
    expect((await introspected(body.access_token ?? '')).active).toBe(true);
  });

  it('when its role is another one, until the tool has renewed it', async () => {
    const { client, accessToken, refreshToken, becomes } = await connectMember(server, 'introspected-viewer');
    await becomes('viewer');
    expect(await introspected(accessToken)).toEqual(inactive);

    const { body } = await client.refresh(refreshToken);
    expect(await introspected(body.access_token ?? '')).toMatchObject({ active: true, org_role: 'viewer' });
  });
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
