import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadConfig } from '../../src/config/index.ts';
import { canonicalResource, createCatalogue, createRoles, resolveRequestedScopes } from '../../src/resources/index.ts';

const { policy } = loadConfig({});
const catalogue = createCatalogue(policy.resources, 'https://api.example/mcp');
const [resource] = catalogue.resources;
const narrowToRole = createRoles(policy.roles);
const all = (resource?.scopes ?? []).map(({ name }) => name);

describe('a role', () => {
  it('that the configuration does not know grants nothing (R81)', () => {
    for (const role of ['nobody', '', 'constructor', '__proto__']) expect(narrowToRole(role, all)).toEqual([]);
  });

  it('grants what it allows, and nothing of what it excepts', () => {
    const granted = narrowToRole('member', all);
    expect(granted).toContain('project:read');
    expect(granted.filter((scope) => scope.endsWith(':delete'))).toEqual([]);
  });

  it('adds nothing to what it is asked about', () =>
    expect(narrowToRole('owner', ['project:read'])).toEqual(['project:read']));
});

describe('the scopes of a token', () => {
  const wildcards = ['*:*', '*:read', 'project:*', 'table:data:*'];
  const noise = ['openid', 'offline_access', 'never:heard', '*', 'project'];
  const request = fc.array(fc.constantFrom(...all, ...wildcards, ...noise), { maxLength: 8 });

  it('never exceed what was requested and what the role allows', () => {
    const property = fc.property(request, fc.constantFrom('owner', 'admin', 'member', 'viewer', 'x'), (asked, role) => {
      if (!resource) throw new Error('there is no resource');
      const resolved = resolveRequestedScopes(asked.join(' '), resource);
      const issued = narrowToRole(role, resource.expand(resolved));
      const known = resource.expand(asked);
      const requested = known.length > 0 ? known : resource.defaultScopes;
      expect(issued.filter((scope) => !requested.includes(scope))).toEqual([]);
      expect(issued).toEqual(narrowToRole(role, issued));
      expect(issued).toEqual(all.filter((scope) => issued.includes(scope)));
    });

    fc.assert(property, { numRuns: 500, seed: 20260801 });
  });

  it('mean the same when the answer is asked for again', () => {
    const property = fc.property(request, (asked) => {
      if (!resource) throw new Error('there is no resource');
      const once = resolveRequestedScopes(asked.join(' '), resource);
      expect(resolveRequestedScopes(once.join(' '), resource)).toEqual(once);
    });

    fc.assert(property, { numRuns: 500, seed: 20260801 });
  });
});

describe('the canonical spelling of a resource (R41, RFC 3986 §6.2)', () => {
  it.each([
    ['https://api.example/mcp', 'https://api.example/mcp'],
    ['HTTPS://API.Example/mcp', 'https://api.example/mcp'],
    ['https://api.example:443/mcp', 'https://api.example/mcp'],
    ['https://api.example/', 'https://api.example'],
    ['https://api.example', 'https://api.example'],
    [' https://api.example/mcp\n', 'https://api.example/mcp'],
    ['https://api.example/mcp/', 'https://api.example/mcp/'],
    ['https://api.example/MCP', 'https://api.example/MCP'],
    ['https://api.example/mcp?tenant=1', 'https://api.example/mcp?tenant=1'],
    ['https://api.example/?tenant=1', 'https://api.example/?tenant=1'],
    ['https://api.example/?', 'https://api.example/?'],
    ['https://api.example:8443/mcp', 'https://api.example:8443/mcp'],
  ])('of %j is %s', (spelling, canonical) => expect(canonicalResource(spelling)).toBe(canonical));

  it.each([
    ...['https://api.example/mcp#part', 'https://api.example/mcp#', 'mcp', '/mcp', ''],
    // As at the gateway: what `URL` reads as something else, or as somebody's, is no spelling of a resource.
    ...['https:/api.example/mcp', 'https:\\\\api.example\\mcp', 'https://ada@api.example/mcp', 'ftp://api.example/mcp'],
  ])('does not exist for "%s" (RFC 8707 §2)', (text) => expect(canonicalResource(text)).toBeUndefined());

  it('is what a catalogue finds a resource by', () => {
    expect(catalogue.find('HTTPS://api.example:443/mcp')).toBe(resource);
    expect(catalogue.find('https://api.example/mcp//')).toBeUndefined();
  });
});
