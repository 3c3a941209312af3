import { type GatewayError, identityOf, type ProtectionOptions, protectResource } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { createGateway } from './gateway.ts';
import { createIssuer, METADATA, RESOURCE } from './issuer.ts';

const GOOD: ProtectionOptions = { issuer: 'https://api.example/mcp', resource: RESOURCE, scopes: ['project:read'] };

describe('the options of a protection', () => {
  it.each<[string, Partial<ProtectionOptions>]>([
    ['an issuer on this machine without https', { issuer: 'http://localhost:3000/mcp' }],
    ['an issuer at any address of this machine', { issuer: 'http://127.0.0.2:3000/mcp' }],
    ['an issuer without a path', { issuer: 'https://api.example' }],
    ['no scopes', { scopes: [] }],
    ['an asymmetric algorithm', { algorithms: ['EdDSA'] }],
  ])('may have %s', (_name, options) => expect(() => protectResource({ ...GOOD, ...options })).not.toThrow());

  it.each<[string, Partial<ProtectionOptions>]>([
    ['an issuer elsewhere without https', { issuer: 'http://api.example/mcp' }],
    ['an issuer whose name begins like an address of this machine', { issuer: 'http://127.evil.example/mcp' }],
    ['an issuer that is no URL', { issuer: 'api.example' }],
    ['an issuer with a query', { issuer: 'https://api.example/mcp?a=1' }],
    ['an issuer with an empty fragment', { issuer: 'https://api.example/mcp#' }],
    ['a resource with a fragment', { resource: 'https://gateway.example/mcp#a' }],
    ['a scope with a blank', { scopes: ['project:read project:create'] }],
    ['a scope that would end the header', { challengeScopes: ['a"\r\nset-cookie:b=c'] }],
    ['an empty scope', { scopesSupported: [''] }],
    ['a symmetric algorithm', { algorithms: ['ES256', 'HS256'] }],
    ['no signature at all', { algorithms: ['none'] }],
  ])('may not have %s', (_name, options) => {
    const create = () => protectResource({ ...GOOD, ...options });
    expect(create).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });
});

/** What a gateway with these options asks whoever has no token. */
async function challengeOf(options: Partial<ProtectionOptions>, headers: Record<string, string> = {}) {
  await using gateway = await createGateway(GOOD.issuer, options);
  return (await gateway.request('/mcp', { headers })).headers.get('www-authenticate');
}

describe('a protection', () => {
  it('publishes what it was told, and never offline_access', () => {
    const told = { resource: 'HTTPS://Gateway.example:443/', resourceName: 'Projects' };
    const scopesSupported = ['project:read', 'project:create', 'offline_access'];
    expect(protectResource({ ...GOOD, ...told, scopesSupported }).metadata).toEqual({
      resource: 'https://gateway.example',
      authorization_servers: ['https://api.example/mcp'],
      scopes_supported: ['project:read', 'project:create'],
      bearer_methods_supported: ['header'],
      resource_name: 'Projects',
    });
  });

  it('leaves out what has no value', () => {
    expect(protectResource({ ...GOOD, scopes: [] }).metadata).not.toHaveProperty('scopes_supported');
  });

  it('has the address of its metadata from the resource, also without a path', () => {
    const { metadataUrl } = protectResource({ ...GOOD, resource: 'https://gateway.example/' });
    expect(metadataUrl).toBe(`https://gateway.example${METADATA}`);
  });

  it('names no scope in a challenge when it needs none', async () => {
    expect(await challengeOf({ scopes: [] })).toBe(`Bearer resource_metadata="https://gateway.example${METADATA}/mcp"`);
  });

  it('keeps quotes and line breaks of a resource out of the header', async () => {
    const challenge = await challengeOf({ scopes: [], resource: 'https://gateway.example/a"b' });
    expect(challenge).toBe(`Bearer resource_metadata="https://gateway.example${METADATA}/a%22b"`);
  });

  it('does not believe a forwarded host', async () => {
    const challenge = await challengeOf({}, { 'x-forwarded-host': 'evil.example' });
    expect(challenge).toContain('https://gateway.example/');
  });

  it('tells the operator why, and the client less', async () => {
    const refusals: GatewayError[] = [];
    await using issuer = await createIssuer();
    await using gateway = await createGateway(issuer.url, { onRefusal: (error) => refusals.push(error) });
    const response = await gateway.call(await issuer.sign({ iss: 'https://evil.example' }));
    const message = expect.stringContaining('"iss"');
    expect(refusals).toEqual([expect.objectContaining({ code: 'TOKEN_INVALID', message })]);
    expect(await response.text()).not.toContain('iss"');
  });

  it('offers its 403 to fetch handlers', async () => {
    const answer = protectResource(GOOD).refusal({ scopes: ['project:read'] }, 'project:create');
    const response = new Response(answer.body, answer);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('scope="project:read project:create"');
  });
});

it('a challenge cannot be ended or continued by what was granted elsewhere', () => {
  const { headers } = protectResource(GOOD).refusal({ scopes: ['a", error="none', 'b\r\nset-cookie: c', 'd\\'] });
  expect(headers['www-authenticate']).toContain('scope="a\\", error=\\"none bset-cookie: c d\\\\", error=');
});

it('the identity of a request is not made up for a request that passed no protection', () => {
  expect(() => identityOf({})).toThrow(expect.objectContaining({ code: 'IDENTITY_MISSING' }));
});
