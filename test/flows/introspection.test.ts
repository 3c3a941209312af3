import { describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createTestClock } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { basic, gateway, policyWithGateway, stranger } from '../support/gateway-policy.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const { clock, pass } = createTestClock();
const server = shared(async () => {
  using policy = policyWithGateway();
  return await startServer({ env: policy.env, parts: { clock } });
});
const directory = shared(() => server.server.directory as LocalDirectory);

async function introspect(token: string, who = gateway, more: Record<string, string> = {}) {
  const response = await fetch(`${server.issuer}/oauth/introspect`, {
    method: 'POST',
    headers: basic(who),
    body: new URLSearchParams({ token, ...more }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

const inactive = { active: false };

describe('introspection of an access token (RFC 7662)', () => {
  it('tells the gateway of its resource everything that the token says', async () => {
    const { accessToken, claims } = await connect(server);
    const { status, headers, body } = await introspect(accessToken);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toEqual({ active: true, token_type: 'Bearer', ...claims });
    const expected = ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id', 'scope', 'org_id', 'org_slug', 'org_role'];
    expect(Object.keys(body)).toEqual(expect.arrayContaining([...expected, 'grant_id']));
  });

  it('tells a tool of its own tokens', async () => {
    const { client, accessToken, claims } = await connect(server);
    expect((await client.post('introspect', { token: accessToken })).body).toMatchObject({
      active: true,
      jti: claims.jti,
    });
  });

  it.each(['access_token', 'refresh_token', 'anything'])('is not misled by the hint %s', async (hint) => {
    const { accessToken } = await connect(server);
    expect((await introspect(accessToken, gateway, { token_type_hint: hint })).body.active).toBe(true);
  });

  it('tells a client of no resource, and another tool, what it tells of a token that never was', async () => {
    const { accessToken } = await connect(server);
    const other = await registerClient(server.issuer);
    const answers = [
      (await introspect(accessToken, stranger)).body,
      (await other.post('introspect', { token: accessToken })).body,
      (await introspect('nobody-issued-this')).body,
    ];
    expect(answers).toEqual([inactive, inactive, inactive]);
  });

  it('is refused to whoever does not prove to be a client', async () => {
    const { accessToken } = await connect(server);
    const answer = await introspect(accessToken, { ...gateway, clientSecret: 'guessed' });
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });

  it.each([
    ['altered', (token: string) => `${token.slice(0, -6)}AAAAAA`],
    ['unsigned', (token: string) => `${btoa('{"alg":"none","typ":"at+jwt"}')}.${token.split('.')[1]}.`],
    ['cut', (token: string) => token.split('.').slice(0, 2).join('.')],
  ])('does not believe a token that was %s', async (_name, change) => {
    const { accessToken } = await connect(server);
    expect((await introspect(change(accessToken))).body).toEqual(inactive);
  });

  it('does not take an ID token for an access token (RFC 9068 §4)', async () => {
    const { answer } = await connect(server, { request: { scope: 'openid project:read' } });
    expect((await introspect(String(answer.body.id_token))).body).toEqual(inactive);
  });

  it('is silent in the log about what it answers', async () => {
    const { accessToken } = await connect(server);
    const before = server.logLines.length;
    await introspect(accessToken);
    expect(server.logLines.slice(before).filter(({ event }) => event === 'introspection.error')).toEqual([]);
  });
});

describe('introspection says that a token is not active', () => {
  async function memberConnects(name: string) {
    const { id: organizationId = '' } = (await directory.findOrganizationBySlug('acme')) ?? {};
    const actions = { email: `${name}@example.com`, password: 'a long password' };
    const account = { ...actions, name, memberships: [{ organizationId, role: 'owner' }] };
    const { id: accountId } = await directory.createAccount(account);
    return { ...(await connect(server, { actions })), accountId, organizationId };
  }

  it('when it has expired', async () => {
    const { accessToken } = await connect(server);
    pass(3601);
    expect((await introspect(accessToken)).body).toEqual(inactive);
  });

  type Member = Awaited<ReturnType<typeof memberConnects>>;
  it.each<[string, (member: Member) => Promise<unknown>]>([
    ['its connection has ended', ({ client, refreshToken }) => client.post('revoke', { token: refreshToken })],
    ['its person left the organization', ({ accountId, organizationId: id }) => directory.endMembership(accountId, id)],
    ['its account is disabled', ({ accountId }) => directory.disableAccount(accountId)],
  ])('when %s', async (why, end) => {
    const member = await memberConnects(why.replaceAll(' ', '-'));
    expect((await introspect(member.accessToken)).body.active).toBe(true);
    await end(member);
    expect((await introspect(member.accessToken)).body).toEqual(inactive);
  });

  it('when it was revoked itself, while another of the same connection is', async () => {
    const { client, accessToken, refreshToken } = await connect(server);
    const { body } = await client.refresh(refreshToken);
    await client.post('revoke', { token: accessToken });
    expect((await introspect(accessToken)).body).toEqual(inactive);
    expect((await introspect(body.access_token ?? '')).body.active).toBe(true);
  });

  it('when its role is another one, until the tool has renewed it', async () => {
    const { client, accessToken, refreshToken, accountId, organizationId } =
      await memberConnects('introspected-viewer');
    await directory.setMembership(accountId, organizationId, 'viewer');
    expect((await introspect(accessToken)).body).toEqual(inactive);

    const { body } = await client.refresh(refreshToken);
    expect((await introspect(body.access_token ?? '')).body).toMatchObject({ active: true, org_role: 'viewer' });
  });
});
