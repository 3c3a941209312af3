import { isOpenOperation } from '@bkend/mcp-gateway/vocabulary';
import { describe, expect, it } from '@jest/globals';
import { neededScopes } from '../../src/forward-auth/needed-scopes.ts';

const requests = {
  requiredScopes: ['project:read'],
  tools: {
    create_project: ['project:create'],
    move_project: ['project:create', 'project:delete'],
    whoami: [],
    '*': ['project:update'],
  },
  methods: { 'resources/read': ['table:read'], 'tools/call': ['organization:read'], '*': ['table:create'] },
  unnamedRequests: ['project:create', 'project:delete', 'project:read'],
};
const lazy = {
  requiredScopes: ['project:read'],
  tools: { search_docs: 'open' as const, create_project: ['project:create'] },
  methods: { 'tools/list': 'open' as const, '*': [] },
  unnamedRequests: [],
};
const nothing = { requiredScopes: [], tools: {}, methods: {}, unnamedRequests: [] };
const call = (name: string) => ({ method: 'tools/call', name });

describe('what a request needs', () => {
  it.each([
    ['a tool in the table', call('create_project'), 'project:read organization:read project:create'],
    ['a tool with several', call('move_project'), 'project:read organization:read project:create project:delete'],
    ['a tool that needs no more', call('whoami'), 'project:read organization:read'],
    ['a tool beside the table', call('rename_project'), 'project:read organization:read project:update'],
    ['a tool named like a part of every object', call('constructor'), 'project:read organization:read project:update'],
    [
      'a call whose tool is not known: whatever any of them needs',
      { method: 'tools/call' },
      'project:read organization:read project:create project:delete project:update',
    ],
    ['a method in the table', { method: 'resources/read', name: 'file:///a' }, 'project:read table:read'],
    ['a method beside the table', { method: 'tools/list' }, 'project:read table:create'],
    ['a method named like a part of every object', { method: 'toString' }, 'project:read table:create'],
    ['a prompt named like a tool', { method: 'prompts/get', name: 'whoami' }, 'project:read table:create'],
  ])('for %s', (_name, operation, needed) =>
    expect(neededScopes(operation, true, requests)).toEqual(needed.split(' ')),
  );

  it('that names no method is what the operator says', () =>
    expect(neededScopes({}, true, requests)).toEqual(['project:read', 'project:create', 'project:delete']));

  it('that cannot carry a message is no more than every request needs', () =>
    expect(neededScopes({}, false, requests)).toEqual(['project:read']));

  it.each([[{}], [call('create_project')], [{ method: 'tools/list' }]])(
    'is nothing where nothing is configured: %j',
    (operation) => expect(neededScopes(operation, true, nothing)).toEqual([]),
  );
});

describe('what needs no token', () => {
  it.each([
    ['a tool that is listed as open', call('search_docs'), true],
    ['a method that is listed as open', { method: 'tools/list' }, true],
    ['a tool with scopes', call('create_project'), false],
    ['a tool beside the table', call('whoami'), false],
    ['a call whose tool is not known', { method: 'tools/call' }, false],
    ['a prompt named like an open tool', { method: 'prompts/get', name: 'search_docs' }, false],
    ['what does not say what it does', {}, false],
  ])('%s: %j is %s', (_name, operation, open) => {
    expect(isOpenOperation(operation, lazy)).toBe(open);
    expect(neededScopes(operation, true, lazy).includes('project:read')).toBe(!open);
  });

  it('is every other tool, where the table says so, and still not a call without a name', () => {
    const all = { ...lazy, tools: { '*': 'open' as const, create_project: ['project:create'] } };
    expect(isOpenOperation(call('constructor'), all)).toBe(true);
    expect(isOpenOperation(call('create_project'), all)).toBe(false);
    expect(isOpenOperation({ method: 'tools/call' }, all)).toBe(false);
    expect(neededScopes({ method: 'tools/call' }, true, all)).toEqual(['project:read', 'project:create']);
  });
});
