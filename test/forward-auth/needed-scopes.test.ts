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
  ])('for %s', (_name, operation, needed) => {
    expect(neededScopes(operation, true, requests)).toEqual(needed.split(' '));
  });

  it('that names no method is what the operator says', () => {
    expect(neededScopes({}, true, requests)).toEqual(['project:read', 'project:create', 'project:delete']);
  });

  it('that cannot carry a message is no more than every request needs', () => {
    expect(neededScopes({}, false, requests)).toEqual(['project:read']);
  });

  it.each([[{}], [call('create_project')], [{ method: 'tools/list' }]])(
    'is nothing where nothing is configured: %j',
    (operation) => {
      expect(neededScopes(operation, true, nothing)).toEqual([]);
    },
  );
});
