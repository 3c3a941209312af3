import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { connect } from '../support/connect.ts';
import { createPerson, type Person } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

const everything =
  'organization:read project:read project:create project:update project:delete environment:read environment:create ' +
  'environment:delete table:read table:create table:update table:delete table:data:read table:data:create ' +
  'table:data:update table:data:delete access-token:read';
const reading = 'organization:read project:read environment:read table:read table:data:read access-token:read';
const only = (scopes: unknown, isMeant: (scope: string) => boolean) =>
  String(scopes).split(' ').filter(isMeant).join(' ');
const withoutDelete = only(everything, (scope) => !scope.endsWith(':delete'));
const ofResource = (scopes: unknown) => only(scopes, (scope) => scope.includes(':'));

/** Of the resource, as the token names them and the answer says (RFC 6749 §5.1). */
async function grantedFor(scope: string | undefined) {
  const { answer, claims } = await connect(server, { request: { scope } });
  expect(ofResource(answer.body.scope)).toBe(ofResource(claims.scope));
  return ofResource(claims.scope);
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
    const header = { alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) };
    expect(decodeProtectedHeader(accessToken)).toEqual(header);
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

const shipped = JSON.parse(readFileSync(new URL('../../config/auth.json', import.meta.url), 'utf8'));
const catalogue: string[] = shipped.resources[0].scopes.map(({ name }: { name: string }) => name);
const wildcards = ['*:*', '*:read', '*:delete', 'project:*', 'table:*', 'table:data:*'];

/** Said a second time, in other words than the server's, for three people with their roles. */
const people = [
  { email: 'demo@example.com', organization: 'acme', allows: () => true },
  { email: 'demo@example.com', organization: 'globex', allows: (scope: string) => scope.endsWith(':read') },
  { email: 'solo@example.com', organization: 'initech', allows: (scope: string) => !scope.endsWith(':delete') },
];

function isRequested(requested: readonly string[], scope: string) {
  return requested.some((each) => new RegExp(`^${each.replace(/^\*:/, '.+:').replace(/:\*$/, ':[^:]+')}$`).test(scope));
}

describe('whatever is requested, by whoever, and whatever is ticked', () => {
  const persons = shared(async () => {
    const { url } = (await registerClient(server.issuer)).authorizationRequest();
    const all = people.map(({ email, organization }) => createPerson(server.origin, { email, organization }));
    for (const person of all) await person.approves(url);
    return { all };
  });

  /** The scopes of the token; nothing when the page asked to tick at least one. */
  async function issued(who: number, requested: string[], ticked: string[]): Promise<string[]> {
    const person = persons.all[who] as Person;
    const organization = String(people[who]?.organization);
    // New: one that is connected already is shown what it has as well.
    const client = await registerClient(server.issuer);
    const { url, verifier } = client.authorizationRequest({ scope: requested.join(' '), organization });
    const consent = await person.browser.open(url.href);
    const rest = await person.browser.submit(consent, '/consent', { scope: ticked, organization });
    if (rest.status === 422) return [];
    const { body } = await client.exchange(rest.url, verifier);
    expect(decodeJwt(body.access_token ?? '').scope).toBe(body.scope);
    return (body.scope ?? '').split(' ');
  }

  it('a token carries what was requested, the role allows and stayed ticked: no more, no less', async () => {
    const requests = fc.uniqueArray(fc.constantFrom(...catalogue, ...wildcards), { minLength: 1, maxLength: 6 });
    const ticks = fc.subarray([...catalogue, 'never:heard', 'openid']);
    const property = fc.asyncProperty(fc.nat(people.length - 1), requests, ticks, async (who, requested, ticked) => {
      const isIssued = (scope: string) =>
        isRequested(requested, scope) && people[who]?.allows(scope) && ticked.includes(scope);
      expect(await issued(who, requested, ticked)).toEqual(catalogue.filter(isIssued));
    });

    await fc.assert(property, { numRuns: 60, seed: 20260801 });
  });
});
