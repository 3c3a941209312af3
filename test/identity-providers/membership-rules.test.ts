import { describe, expect, it } from '@jest/globals';
import { createReadIdentity } from '../../src/identity-providers/identity.ts';
import { createReadMemberships } from '../../src/identity-providers/membership-rules.ts';
import type { ProviderPolicy } from '../../src/identity-providers/policy.ts';
import type { Said } from '../../src/identity-providers/provider.ts';

type Rule = Parameters<typeof createReadMemberships>[0]['rules'][number];

const readBy = (rule: Rule, reserved: string[] = []) =>
  createReadMemberships({ rules: [rule], roles: ['owner', 'viewer'], reserved });
const pattern = { value: 'mcp:{organization}:{role}' };
const acme = { slug: 'acme', role: 'owner' };

describe('a claim that says memberships', () => {
  it.each<[string, string, Record<string, unknown>, object[]]>([
    ['a list', 'groups', { groups: ['staff', 'mcp:acme:owner'] }, [acme]],
    ['a text', 'groups', { groups: 'mcp:acme:owner' }, [acme]],
    ['inside another', 'realm_access.roles', { realm_access: { roles: ['mcp:acme:owner'] } }, [acme]],
    [
      'two steps inside',
      'resource_access.mcp.roles',
      { resource_access: { mcp: { roles: ['mcp:acme:owner'] } } },
      [acme],
    ],
    ['a name with dots', 'https://example.com/groups', { 'https://example.com/groups': ['mcp:acme:owner'] }, [acme]],
    ['absent', 'realm_access.roles', {}, []],
    ['something else inside', 'realm_access.roles', { realm_access: 'roles' }, []],
    ['an object', 'groups', { groups: { a: 'mcp:acme:owner' } }, []],
    ['what every object has', 'constructor.name', {}, []],
    ['a role that is none here', 'groups', { groups: ['mcp:acme:root'] }, []],
    ['an organization that could be none', 'groups', { groups: ['mcp:../acme:owner'] }, []],
    ['more than the pattern', 'groups', { groups: ['xmcp:acme:owner', 'mcp:acme:owner:x'] }, []],
  ])('is read where it is %s', (_name, claim, claims, given) => {
    expect(readBy({ claim, ...pattern })({ claims })).toEqual(given);
  });

  it('cannot name an organization that is reserved for people of another provider', () => {
    const claims = { groups: ['mcp:acme:owner', 'mcp:globex:viewer'] };
    expect(readBy({ claim: 'groups', ...pattern }, ['acme'])({ claims })).toEqual([{ slug: 'globex', role: 'viewer' }]);
    // What the operator wrote down is meant.
    const written = { claim: 'groups', value: 'mcp:acme:owner', organization: 'acme', role: 'viewer' };
    expect(readBy(written, ['acme'])({ claims })).toEqual([{ slug: 'acme', role: 'viewer' }]);
  });

  it('reserves what another provider is required for, and not what it is itself', () => {
    const company = { id: 'company', domains: [], linkByEmail: false, requiredFor: ['acme'] };
    const partner = { ...company, id: 'partner', requiredFor: ['globex'] };
    const all = [company, partner].map((each) => ({ ...each, memberships: [{ claim: 'groups', ...pattern }] }));
    const claims = { groups: ['mcp:acme:owner', 'mcp:globex:viewer', 'mcp:initech:viewer'] };
    const said: Said = { issuer: 'https://login.example', subject: 's-1', emailIsVerified: false, claims };
    const [ofCompany, ofPartner] = (all as unknown as ProviderPolicy[]).map((policy, _index, all) =>
      createReadIdentity({ policy, all, roles: ['owner', 'viewer'] })(said).memberships.map(({ slug }) => slug),
    );
    expect([ofCompany, ofPartner]).toEqual([
      ['acme', 'initech'],
      ['globex', 'initech'],
    ]);
  });
});
