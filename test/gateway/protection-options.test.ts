import { type GatewayError, identityOf, type ProtectionOptions, protectResource } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { createGateway } from './gateway.ts';
import { createIssuer, RESOURCE } from './issuer.ts';

const GOOD: ProtectionOptions = { issuer: 'https://api.example/mcp', resource: RESOURCE, scopes: ['project:read'] };

describe('the options of a protection', () => {
  it.each<[string, Partial<ProtectionOptions>]>([
    ['an issuer on this machine without https', { issuer: 'http://localhost:3000/mcp' }],
    ['an issuer at any address of this machine', { issuer: 'http://127.0.0.2:3000/mcp' }],
    ['an issuer without a path', { issuer: 'https://api.example' }],
    ['no scopes', { scopes: [] }],
    ['an asymmetric algorithm', { algorithms: ['EdDSA'] }],
  ])('may have %s', (_name, options) => {
    expect(() => protectResource({ ...GOOD, ...options })).not.toThrow();
  });

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

describe('a protection', () => {
  it('publishes what it was told, and never offline_access', () => {
    const { metadata } = protectResource({
      ...GOOD,
      resource: 'HTTPS://Gateway.example:443/',
      scopesSupported: ['project:read', 'project:create', 'offline_access'],
      resourceName: 'Projects',
    });
    expect(metadata).toEqual({
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
    expect(protectResource({ ...GOOD, resource: 'https://gateway.example/' }).metadataUrl).toBe(
      'https://gateway.example/.well-known/oauth-protected-resource',
    );
  });

  it('names no scope in a challenge when it needs none', async () => {
    await using gateway = await createGateway(GOOD.issuer, { scopes: [] });
    const response = await gateway.request('/mcp');
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer resource_metadata="https://gateway.example/.well-known/oauth-protected-resource/mcp"',
    );
  });

  it('keeps quotes and line breaks of a resource out of the header', async () => {
    await using gateway = await createGateway(GOOD.issuer, { scopes: [], resource: 'https://gateway.example/a"b' });
    const response = await gateway.request('/mcp');
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer resource_metadata="https://gateway.example/.well-known/oauth-protected-resource/a%22b"',
    );
  });

  it('does not believe a forwarded host', async () => {
    await using gateway = await createGateway(GOOD.issuer);
    const response = await gateway.request('/mcp', { headers: { 'x-forwarded-host': 'evil.example' } });
    expect(response.headers.get('www-authenticate')).toContain('https://gateway.example/');
  });

  it('tells the operator why, and the client less', async () => {
    const refusals: GatewayError[] = [];
    await using issuer = await createIssuer();
    await using gateway = await createGateway(issuer.url, { onRefusal: (error) => refusals.push(error) });
    const response = await gateway.call(await issuer.sign({ iss: 'https://evil.example' }));
    expect(refusals).toEqual([expect.objectContaining({ code: 'TOKEN_INVALID' })]);
    expect(refusals[0]?.message).toContain('"iss"');
    expect(await response.text()).not.toContain('iss"');
  });

  it('offers its 403 to fetch handlers', async () => {
    const answer = protectResource(GOOD).refusal({ scopes: ['project:read'] }, 'project:create');
    const response = new Response(answer.body, answer);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('scope="project:read project:create"');
  });
});

describe('a challenge', () => {
  it('cannot be ended or continued by what was granted elsewhere', () => {
    const { headers } = protectResource(GOOD).refusal({ scopes: ['a", error="none', 'b\r\nset-cookie: c', 'd\\'] });
    expect(headers['www-authenticate']).toContain('scope="a\\", error=\\"none bset-cookie: c d\\\\", error=');
  });
});

describe('the identity of a request', () => {
  it('is not made up for a request that passed no protection', () => {
    expect(() => identityOf({})).toThrow(expect.objectContaining({ code: 'IDENTITY_MISSING' }));
  });
});
