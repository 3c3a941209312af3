import { coversScope } from '@bkend/mcp-gateway/vocabulary';
import { describe, expect, it } from '@jest/globals';
import { fileIssuesOf, issuesOf, loadWith, policyFile, resource } from './refusal.ts';

const uri = 'https://files.example/mcp';

function scope(name: unknown) {
  return { name, group: 'File', sentence: 'See files' };
}

describe('a resource', () => {
  it('may have a URI of its own, beside one that is the issuer', () => {
    const resources = [resource(), resource({ uri }), resource({ uri: `${uri}/` })];
    const loaded = loadWith({}, policyFile({ resources })).policy.resources;
    expect(loaded.map((one) => one.uri)).toEqual([undefined, uri, `${uri}/`]);
  });

  it.each([
    [
      'is spelled canonically',
      [resource({ uri: 'https://Files.example/mcp' })],
      `resources[0].uri: must be in canonical spelling, because clients compare it byte for byte: write ${uri}`,
    ],
    ['has no query', [resource({ uri: `${uri}?a=1` })], 'resources[0].uri: must have neither a query nor a fragment'],
    ['is there once', [resource({ uri }), resource({ uri })], 'resources[1].uri: is the same as in entry 0'],
    [
      'is without a URI once',
      [resource(), resource({ uri }), resource()],
      'resources[2].uri: may be absent once only, as in entry 0',
    ],
    [
      'was at a URL in canonical spelling',
      [resource({ formerly: ['https://Files.example/mcp'] })],
      `resources[0].formerly[0]: must be in canonical spelling, because clients compare it byte for byte: write ${uri}`,
    ],
    [
      'was where no other one is',
      [resource({ formerly: [uri] }), resource({ uri })],
      'resources[0].formerly[0]: is, or was, the URL of a resource already',
    ],
    [
      'was where no other one was',
      [resource({ formerly: [uri] }), resource({ uri: `${uri}/v2`, formerly: [uri] })],
      'resources[1].formerly[0]: is, or was, the URL of a resource already',
    ],
    [
      'was not where it is',
      [resource({ uri, formerly: [uri] })],
      'resources[0].formerly[0]: is, or was, the URL of a resource already',
    ],
    [
      'publishes scopes that there are',
      [resource({ metadataScopes: ['*:raed'] })],
      'resources[0].metadataScopes[0]: matches no scope of any resource; did you mean *:read?',
    ],
    ['has a name', [resource({ name: ' ' })], 'resources[0].name: must not be empty'],
    ['has scopes', [resource({ scopes: [], defaultScopes: [] })], 'resources[0].scopes: must hold at least one scope'],
    ['is there at all', [], 'resources: must hold at least one resource'],
  ])('%s', (_rule, resources, issue) => {
    expect(fileIssuesOf({ resources })).toEqual([issue]);
  });

  it('is not the issuer twice', () => {
    const file = policyFile({ resources: [resource(), resource({ uri })] });
    expect(issuesOf({ ISSUER: uri }, file)).toEqual([
      {
        where: 'config/auth.json › resources[1].uri',
        sentence: 'is the issuer, which the resource without a uri stands for already',
      },
    ]);
  });
});

describe('where a resource was (R99)', () => {
  it('is not the issuer, where the resource without a URI is', () => {
    const file = policyFile({ resources: [resource(), resource({ uri: `${uri}/v2`, formerly: [uri] })] });
    expect(issuesOf({ ISSUER: uri }, file)).toEqual([
      {
        where: 'config/auth.json › resources[1].formerly[0]',
        sentence: 'is the issuer, where the resource without a uri is now',
      },
    ]);
  });
});

describe('a scope', () => {
  it.each(['file:read', 'table:data:read', 'access-token:read', "a!#$%&'():b"])('may be named %s', (name) => {
    const resources = [resource({ scopes: [scope(name)], defaultScopes: [name] })];
    expect(loadWith({}, policyFile({ resources })).policy.resources[0]?.scopes[0]?.name).toBe(name);
  });

  it.each([
    ['a blank', 'file: read', 'must hold only the characters of a scope (RFC 6749 §3.3)'],
    ['a quote', 'file:"read"', 'must hold only the characters of a scope (RFC 6749 §3.3)'],
    ['a backslash', 'file:\\read', 'must hold only the characters of a scope (RFC 6749 §3.3)'],
    ['a letter beyond ASCII', 'café:read', 'must hold only the characters of a scope (RFC 6749 §3.3)'],
    ['nothing', '', 'must hold only the characters of a scope (RFC 6749 §3.3)'],
    ['a wildcard', 'file:*', 'must not hold a wildcard: list every scope by itself'],
    ['no action', 'file', 'must be a subject and an action with a colon between them, e.g. project:read'],
    ['an empty action', 'file:', 'must be a subject and an action with a colon between them, e.g. project:read'],
    ['an empty subject', ':read', 'must be a subject and an action with a colon between them, e.g. project:read'],
    ['an empty middle', 'file::read', 'must be a subject and an action with a colon between them, e.g. project:read'],
    ['offline_access', 'offline_access', 'is reserved: offline_access belongs to OpenID Connect'],
    ['openid', 'openid', 'is reserved: openid belongs to OpenID Connect'],
    ['a number', 7, 'must be a text'],
  ])('is not named with %s', (_name, name, sentence) => {
    const resources = [resource({ scopes: [scope(name)], defaultScopes: [] })];
    expect(fileIssuesOf({ resources })).toEqual([`resources[0].scopes[0].name: ${sentence}`]);
  });

  it('is there once for each resource', () => {
    const scopes = [scope('file:read'), scope('file:write'), scope('file:read')];
    expect(fileIssuesOf({ resources: [resource({ scopes })] })).toEqual([
      'resources[0].scopes[2].name: is the same as in entry 0',
    ]);
    const twoResources = [resource(), resource({ uri })];
    expect(loadWith({}, policyFile({ resources: twoResources })).policy.resources).toHaveLength(2);
  });
});

describe('a pattern', () => {
  it.each([
    ['*:*', 'table:data:read', true],
    ['*:read', 'table:data:read', true],
    ['table:data:*', 'table:data:read', true],
    ['table:data:read', 'table:data:read', true],
    ['table:*', 'table:read', true],
    ['table:*', 'table:data:read', false],
    ['*:delete', 'table:read', false],
    ['*', 'table:read', false],
    ['ta*:read', 'table:read', false],
  ])('%s, asked about %s, says %s', (pattern, name, covers) => {
    expect(coversScope(pattern, name)).toBe(covers);
  });

  it('matches at least one scope, wherever it stands', () => {
    const resources = [resource({ defaultScopes: ['*:read', 'file:*', '*:raed'] })];
    const roles = {
      owner: { allow: ['*:*', 'fil:*'], except: ['*:delte'] },
      guest: { allow: ['file:reed', 'unknown'] },
    };
    expect(fileIssuesOf({ resources, roles })).toEqual([
      'resources[0].defaultScopes[2]: matches no scope of any resource; did you mean *:read?',
      'roles.owner.allow[1]: matches no scope of any resource; did you mean file:*?',
      'roles.owner.except[0]: matches no scope of any resource; did you mean *:delete?',
      'roles.guest.allow[0]: matches no scope of any resource; did you mean file:read?',
      'roles.guest.allow[1]: matches no scope of any resource',
    ]);
  });

  it('may match the scope of another resource', () => {
    const other = resource({ uri, scopes: [scope('note:read')] });
    const roles = { owner: { allow: ['note:read'] } };
    expect(loadWith({}, policyFile({ resources: [resource(), other], roles })).policy.roles).toHaveProperty('owner');
  });

  it('is given for at least one role', () => {
    expect(fileIssuesOf({ roles: {} })).toEqual(['roles: must hold at least one role']);
    expect(fileIssuesOf({ roles: { 'team lead': {} } })).toEqual([
      'roles["team lead"].allow: is missing: what a member with this role may permit, e.g. ["*:*"]',
    ]);
  });
});
