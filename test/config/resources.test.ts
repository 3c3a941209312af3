import { describe, expect, it } from '@jest/globals';
import { fileIssuesOf, loadWith, policyWith, resource } from './refusal.ts';

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
