import { describe, expect, it } from '@jest/globals';
import { fileIssuesOf, loadWith, policyFile, resource } from './refusal.ts';

const withRequests = (changes: object) => ({ resources: [resource({ ...changes })] });

describe('what requests need, by what their headers say', () => {
  it('is nothing unless told', () => {
    expect(loadWith({}).policy.resources[0]).toMatchObject({
      requiredScopes: [],
      tools: {},
      methods: {},
      unnamedRequests: [],
    });
  });

  it('is told for every request, by tool, by method, and for those that name none', () => {
    const requests = {
      requiredScopes: ['file:read'],
      tools: { remove_file: ['file:delete'], search_docs: 'open', '*': ['file:read'] },
      methods: { 'tools/list': 'open', 'resources/read': ['file:data:read'] },
      unnamedRequests: ['file:read', 'file:delete'],
    };
    expect(loadWith({}, policyFile(withRequests(requests))).policy.resources[0]).toMatchObject(requests);
  });

  it.each([
    [
      'a scope the resource does not offer',
      { tools: { remove_file: ['file:delte'] } },
      'resources[0].tools.remove_file[0]: is no scope of this resource; did you mean file:delete?',
    ],
    [
      'a wildcard, which nobody could ask for',
      { requiredScopes: ['*:*'] },
      'resources[0].requiredScopes[0]: is no scope of this resource',
    ],
    [
      'an unknown scope of a method, whose name is quoted',
      { methods: { 'resources/read': ['nothing:here'] } },
      'resources[0].methods["resources/read"][0]: is no scope of this resource',
    ],
    [
      'an unknown scope of requests without a name',
      { unnamedRequests: ['file:write'] },
      'resources[0].unnamedRequests[0]: is no scope of this resource',
    ],
    [
      'one scope for a list',
      { tools: { remove_file: 'file:delete' } },
      'resources[0].tools.remove_file: must be a list of scopes, or "open"',
    ],
    [
      'calls of every tool as open, whatever the tool',
      { methods: { 'tools/call': 'open' } },
      'resources[0].methods["tools/call"]: cannot be open: say it of each tool, in `tools`',
    ],
    [
      'a list for a table',
      { tools: ['remove_file'] },
      'resources[0].tools: must be an object with a list of scopes for each of the tools',
    ],
  ])('is refused with %s', (_name, changes, issue) => {
    expect(fileIssuesOf(withRequests(changes))).toEqual([issue]);
  });
});
