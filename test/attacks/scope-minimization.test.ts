import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { aboutFiles, ask, files, proxiedResource } from '../forward-auth/proxied.ts';
import { createGateway } from '../gateway/gateway.ts';
import { startAttacked } from '../support/attacked.ts';
import type { Actions } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { registerClient } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';

/** MCP security best practices, "Scope Minimization": a token has what was approved, nobody is told to ask for all there is. */
const fewest = ['organization:read', 'project:read'];
const here = shared(
  async () => {
    const policy = { defaultScopes: fewest, tools: { remove_project: ['project:delete'], '*': [] } };
    using changed = changedPolicy({ resources: [proxiedResource(files, policy)] });
    return await startAttacked({ env: { ...changed.env, TRUSTED_PROXIES: '127.0.0.1' } });
  },
  (it) => it.close(),
);

/** Of a client of its own: what it is granted once is asked for again. */
async function connects(parameters: Record<string, string | undefined>, actions: Actions = {}) {
  const client = await registerClient(here.server.issuer);
  const { url, verifier } = client.authorizationRequest(parameters);
  const { body } = await client.exchange(await here.person.approves(url, actions), verifier);
  return { client, refreshToken: body.refresh_token ?? '', accessToken: body.access_token ?? '', scope: body.scope };
}

describe('a token', () => {
  it.each(['project:read project:delete', 'project:delete', '*:*', 'project:*'])(
    'has no more by asking for %s at renewal (RFC 6749 §6)',
    async (scope) => {
      const { client, refreshToken } = await connects({ scope: 'project:read' });
      const { status, body } = await client.refresh(refreshToken, { scope });
      expect([status, body.scope, decodeJwt(body.access_token ?? '').scope]).toEqual([
        200,
        'project:read',
        'project:read',
      ]);
    },
  );

  it('has no more by asking where a code is redeemed', async () => {
    const { callback, verifier } = await here.approved();
    const { body } = await here.client.exchange(callback, verifier, { scope: '*:*' });
    expect(body.scope ?? 'project:read').toBe('project:read');
  });

  it('with a pattern has no more than its person may grant, whatever a form says', async () => {
    const scopes = ['project:read', 'project:delete', '*:*'];
    const { accessToken } = await connects({ scope: '*:*' }, { organization: 'globex', scopes });
    expect(decodeJwt(accessToken)).toMatchObject({ org_role: 'viewer', scope: 'project:read' });
  });
});

describe('a tool is told to ask for', () => {
  const hint = `scope="${fewest.join(' ')}"`;

  it('the fewest scopes that are of use, by the challenge and the metadata', async () => {
    await using gateway = await createGateway(here.server.issuer, { resource: files, scopes: fewest });
    const byKit = await here.changesNothing(() => gateway.request('/mcp'));
    const byProxy = await here.changesNothing(() => ask(here.server, { tail: aboutFiles }));

    expect([byKit.status, byProxy.status]).toEqual([401, 401]);
    expect(byKit.headers.get('www-authenticate')).toContain(hint);
    expect(byProxy.headers['www-authenticate']).toContain(hint);
    const metadata = await (await gateway.request('/.well-known/oauth-protected-resource/mcp')).json();
    expect(metadata).toMatchObject({ scopes_supported: fewest });
  });

  it('what one call needs beyond that, and not for all there is', async () => {
    const { accessToken: token } = await connects({ scope: 'project:read' });
    const calls = { 'X-Original-Method': 'POST', 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call' };
    const refused = await here.changesNothing(() =>
      ask(here.server, { token, tail: aboutFiles, headers: { ...calls, 'Mcp-Name': 'remove_project' } }),
    );

    expect(refused.status).toBe(403);
    expect(refused.headers['www-authenticate']).toContain('error="insufficient_scope"');
    expect(refused.headers['www-authenticate']).toContain('scope="project:read project:delete"');
  });
});
