import { describe, expect, it } from '@jest/globals';
import { createTestClock } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { basic, gateway, policyWithGateway, stranger } from '../support/gateway-policy.ts';
import { createMember } from '../support/member.ts';
import { registerClient, type TokenAnswer } from '../support/relying-party.ts';
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

  it('is silent in the log about what it answers', async () => {
    const before = server.logLines.length;
    await introspect(connected.accessToken);
    expect(server.logLines.slice(before).filter(({ event }) => event === 'introspection.error')).toEqual([]);
  });
});

describe('introspection says that a token is not active', () => {
  async function memberConnects(name: string) {
    const member = await createMember(server, name);
    return { ...member, ...(await connect(server, { actions: member.credentials })) };
  }

  it('when it has expired', async () => {
    const { accessToken } = await connect(server);
    pass(3601);
    expect(await introspected(accessToken)).toEqual(inactive);
  });

  it.each<[string, (member: Awaited<ReturnType<typeof memberConnects>>) => Promise<unknown>]>([
    ['its connection has ended', ({ client, refreshToken }) => client.post('revoke', { token: refreshToken })],
    ['its person left the organization', ({ leaves }) => leaves()],
    ['its account is disabled', ({ isDisabled }) => isDisabled()],
  ])('when %s', async (why, end) => {
    const member = await memberConnects(why);
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
    const { client, accessToken, refreshToken, becomes } = await memberConnects('introspected-viewer');
    await becomes('viewer');
    expect(await introspected(accessToken)).toEqual(inactive);

    const { body } = await client.refresh(refreshToken);
    expect(await introspected(body.access_token ?? '')).toMatchObject({ active: true, org_role: 'viewer' });
  });
});
