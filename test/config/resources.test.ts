import { coversScope } from '@bkend/mcp-gateway/vocabulary';
import { describe, expect, it } from '@jest/globals';
import { fileIssuesOf, issuesOf, loadWith, policyFile, policyWith, resource } from './refusal.ts';

const uri = 'https://files.example/mcp';
const scope = (name: unknown) => ({ name, group: 'File', sentence: 'See files' });
const canonical = `must be in canonical spelling, because clients compare it byte for byte: write ${uri}`;
const taken = 'is, or was, the URL of a resource already';

describe('a resource', () => {
  it('may have a URI of its own, beside one that is the issuer', () => {
    const { resources } = policyWith({ resources: [resource(), resource({ uri }), resource({ uri: `${uri}/` })] });
    expect(resources.map((one) => one.uri)).toEqual([undefined, uri, `${uri}/`]);
  });

  it.each([
    ['is spelled canonically', [resource({ uri: 'https://Files.example/mcp' })], `resources[0].uri: ${canonical}`],
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
      `resources[0].formerly[0]: ${canonical}`,
    ],
    [
      'was where no other one is',
      [resource({ formerly: [uri] }), resource({ uri })],
      `resources[0].formerly[0]: ${taken}`,
    ],
    [
      'was where no other one was',
      [resource({ formerly: [uri] }), resource({ uri: `${uri}/v2`, formerly: [uri] })],
      `resources[1].formerly[0]: ${taken}`,
    ],
    ['was not where it is', [resource({ uri, formerly: [uri] })], `resources[0].formerly[0]: ${taken}`],
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

  it.each([
    ['is not', { uri }, 'uri', 'is the issuer, which the resource without a uri stands for already'],
    [
      'was not (R99)',
      { uri: `${uri}/v2`, formerly: [uri] },
      'formerly[0]',
      'is the issuer, where the resource without a uri is now',
    ],
  ])('%s the issuer beside the one without a URI', (_when, second, member, sentence) => {
    const file = policyFile({ resources: [resource(), resource(second)] });
    const where = `config/auth.json › resources[1].${member}`;
    expect(issuesOf({ ISSUER: uri }, file)).toEqual([{ where, sentence }]);
  });
});

describe('a scope', () => {
  it.each(['file:read', 'table:data:read', 'access-token:read', "a!#$%&'():b"])('may be named %s', (name) => {
    const resources = [resource({ scopes: [scope(name)], defaultScopes: [name] })];
    expect(policyWith({ resources }).resources[0]?.scopes[0]?.name).toBe(name);
  });

  const characters = 'must hold only the characters of a scope (RFC 6749 §3.3)';
  const parts = 'must be a subject and an action with a colon between them, e.g. project:read';
  it.each([
    ['a blank', 'file: read', characters],
    ['a quote', 'file:"read"', characters],
    ['a backslash', 'file:\\read', characters],
    ['a letter beyond ASCII', 'café:read', characters],
    ['nothing', '', characters],
    ['a wildcard', 'file:*', 'must not hold a wildcard: list every scope by itself'],
    ['no action', 'file', parts],
    ['an empty action', 'file:', parts],
    ['an empty subject', ':read', parts],
    ['an empty middle', 'file::read', parts],
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
    expect(policyWith({ resources: [resource(), resource({ uri })] }).resources).toHaveLength(2);
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
    const resources = [resource(), resource({ uri, scopes: [scope('note:read')] })];
    expect(policyWith({ resources, roles: { owner: { allow: ['note:read'] } } }).roles).toHaveProperty('owner');
  });

  it('is given for at least one role', () => {
    expect(fileIssuesOf({ roles: {} })).toEqual(['roles: must hold at least one role']);
    expect(fileIssuesOf({ roles: { 'team lead': {} } })).toEqual([
      'roles["team lead"].allow: is missing: what a member with this role may permit, e.g. ["*:*"]',
    ]);
  });
});

const client = { client_id: 'the-gateway', client_secret: 'known to the gateway', redirect_uris: [] };

describe('the client of a resource', () => {
  const resources = [resource({ client: 'the-gateway' })];

  it('is one of the clients', () => {
    expect(policyWith({ resources, clients: [client] }).resources[0]).toMatchObject({ client: 'the-gateway' });
  });

  it('may be left out', () => {
    expect(loadWith({}).policy.resources[0]?.client).toBeUndefined();
  });

  it('may stand for several resources of one gateway', () => {
    const several = [...resources, resource({ client: 'the-gateway', uri: 'https://files.example/mcp' })];
    expect(() => policyWith({ resources: several, clients: [client] })).not.toThrow();
  });

  it.each([
    ['that does not exist', [], 'is none of `clients`'],
    ['that has no secret', [{ client_id: 'the-gateway', redirect_uris: [] }], 'has no client_secret in `clients`'],
    ['whose secret is empty', [{ ...client, client_secret: '' }], 'has no client_secret in `clients`'],
  ])('is not one %s', (_name, clients, sentence) => {
    expect(fileIssuesOf({ resources, clients })).toEqual([`resources[0].client: ${sentence}`]);
  });
});

describe('what requests need, by what their headers say', () => {
  it('is nothing unless told', () => {
    const nothing = { requiredScopes: [], tools: {}, methods: {}, unnamedRequests: [] };
    expect(loadWith({}).policy.resources[0]).toMatchObject(nothing);
  });

  it('is told for every request, by tool, by method, and for those that name none', () => {
    const requests = {
      requiredScopes: ['file:read'],
      tools: { remove_file: ['file:delete'], search_docs: 'open', '*': ['file:read'] },
      methods: { 'tools/list': 'open', 'resources/read': ['file:data:read'] },
      unnamedRequests: ['file:read', 'file:delete'],
    };
    expect(policyWith({ resources: [resource(requests)] }).resources[0]).toMatchObject(requests);
  });

  const unknown = 'is no scope of this resource';
  it.each<[string, object, string]>([
    [
      'a scope the resource does not offer',
      { tools: { remove_file: ['file:delte'] } },
      `tools.remove_file[0]: ${unknown}; did you mean file:delete?`,
    ],
    ['a wildcard, which nobody could ask for', { requiredScopes: ['*:*'] }, `requiredScopes[0]: ${unknown}`],
    [
      'an unknown scope of a method, whose name is quoted',
      { methods: { 'resources/read': ['nothing:here'] } },
      `methods["resources/read"][0]: ${unknown}`,
    ],
    ['an unknown scope of requests without a name', { unnamedRequests: ['a:b'] }, `unnamedRequests[0]: ${unknown}`],
    ['one scope for a list', { tools: { search: 'a:b' } }, 'tools.search: must be a list of scopes, or "open"'],
    [
      'calls of every tool as open, whatever the tool',
      { methods: { 'tools/call': 'open' } },
      'methods["tools/call"]: cannot be open: say it of each tool, in `tools`',
    ],
    ['a list for a table', { tools: ['a'] }, 'tools: must be an object with a list of scopes for each of the tools'],
  ])('is refused with %s', (_name, changes, issue) => {
    expect(fileIssuesOf({ resources: [resource({ ...changes })] })).toEqual([`resources[0].${issue}`]);
  });
});
