import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

const everything =
  'organization:read project:read project:create project:update project:delete environment:read environment:create ' +
  'environment:delete table:read table:create table:update table:delete table:data:read table:data:create ' +
  'table:data:update table:data:delete access-token:read';
const reading = 'organization:read project:read environment:read table:read table:data:read access-token:read';
const withoutDelete = everything
  .split(' ')
  .filter((scope) => !scope.endsWith(':delete'))
  .join(' ');

/** Of the resource, as the token names them and the answer says (RFC 6749 §5.1). */
async function grantedFor(scope: string | undefined) {
  const { answer, claims } = await connect(server, { request: { scope } });
  expect(ofResource(answer.body.scope)).toBe(ofResource(claims.scope));
  return ofResource(claims.scope);
}

function ofResource(scopes: unknown) {
  return String(scopes)
    .split(' ')
    .filter((scope) => scope.includes(':'))
    .join(' ');
}

describe('the scopes of a request', () => {
  it.each([
    ['*:*', everything],
    ['project:*', 'project:read project:create project:update project:delete'],
    ['*:read', reading],
    ['table:*', 'table:read table:create table:update table:delete'],
    ['table:data:*', 'table:data:read table:data:create table:data:update table:data:delete'],
  ])('"%s" means each concrete scope that it covers', async (scope, granted) =>
    expect(await grantedFor(scope)).toBe(granted),
  );

  it.each([
    ['in another order', 'table:read project:create project:read', 'project:read project:create table:read'],
    ['twice', 'project:read project:read', 'project:read'],
    ['and by a wildcard', '*:read project:read', reading],
    ['with many blanks', '  project:read   project:create ', 'project:read project:create'],
  ])('named %s come once, in the order of the catalogue (R34)', async (_name, scope, granted) =>
    expect(await grantedFor(scope)).toBe(granted),
  );

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['blank', '   '],
    ['only about identity', 'openid profile offline_access'],
  ])('that are %s mean the defaults of the resource (RFC 6749 §3.3, R35)', async (_name, scope) =>
    expect(await grantedFor(scope)).toBe(withoutDelete),
  );

  it('that are unknown are dropped when others are known (R35)', async () =>
    expect(await grantedFor('project:read mcp:tools project:fly unknown:*')).toBe('project:read'));

  it.each(['mcp', 'mcp:tools', 'claudeai', 'project:fly unknown:*', '*', 'project', 'mcp openid'])(
    '"%s", all unknown, mean the defaults of the resource, and the answer says so (R101)',
    async (scope) => expect(await grantedFor(scope)).toBe(withoutDelete),
  );

  it('may be all that the metadata lists, in one approval (R7)', async () => {
    const metadata = await fetch(`${server.issuer}/.well-known/openid-configuration`);
    const { scopes_supported: listed } = (await metadata.json()) as { scopes_supported: string[] };

    expect(await grantedFor(listed.join(' '))).toBe(everything);
  });
});

describe('the first token', () => {
  it.each([
    { email: 'demo@example.com', organization: 'acme', role: 'owner', scope: everything },
    { email: 'demo@example.com', organization: 'globex', role: 'viewer', scope: reading },
    { email: 'solo@example.com', organization: 'initech', role: 'member', scope: withoutDelete },
  ])('of $email for $organization, who is $role there, says so and no more', async (row) => {
    const { answer, claims, client } = await connect(server, {
      actions: { email: row.email, organization: row.organization },
    });

    expect(claims).toEqual({
      iss: server.issuer,
      aud: server.issuer,
      sub: expect.stringMatching(/^acc_/),
      client_id: client.clientId,
      jti: expect.stringMatching(/^[\w-]{22,}$/),
      iat: expect.any(Number),
      exp: Number(claims.iat) + 3600,
      scope: row.scope,
      org_id: expect.stringMatching(/^org_/),
      org_slug: row.organization,
      org_role: row.role,
      grant_id: expect.any(String),
    });
    expect(answer.body.scope).toBe(row.scope);
  });

  it('is a JWT access token by its header (RFC 9068 §2.1)', async () => {
    const { accessToken } = await connect(server);
    const [header = ''] = accessToken.split('.');

    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: expect.any(String),
    });
  });

  it('fits in a header with every scope there is (R64)', async () => {
    const { accessToken } = await connect(server, { request: { scope: '*:*' } });

    expect(accessToken.length).toBeLessThan(2048);
  });

  it('of an account without an organization does not exist: the person is told how to get one', async () => {
    const { url } = (await registerClient(server.issuer)).authorizationRequest();
    const { browser } = createPerson(server.origin);
    const signIn = await browser.open(url.href);

    const { html } = await browser.submit(signIn, '/sign-in', { email: 'new@example.com', password: 'demo-password' });

    expect(html).toContain('You need an organization');
    expect(html).toContain('href="https://console.bkend.ai/organizations/new"');
    expect(html).not.toContain('/consent"');
  });
});
