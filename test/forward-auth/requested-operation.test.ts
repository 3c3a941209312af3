import { describe, expect, it } from '@jest/globals';
import { readOperation } from '../../src/forward-auth/requested-operation.ts';

const naming = { 'mcp-protocol-version': ['2026-07-28'] };
const call = { ...naming, 'mcp-method': ['tools/call'] };
const base64 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;

describe('what a request says it does', () => {
  it.each<[string, Record<string, string[]>, object]>([
    ['its method', { ...naming, 'mcp-method': ['tools/list'] }, { method: 'tools/list' }],
    ['at a later revision, too', { ...call, 'mcp-protocol-version': ['2027-01-31'] }, { method: 'tools/call' }],
  ])('is %s', (_name, headers, operation) => expect(readOperation({ headersDistinct: headers })).toEqual(operation));

  it.each([
    ['its tool', 'whoami', 'whoami'],
    ['with blanks around it', ' whoami\t', 'whoami'],
    ['in base64', base64('café ☕'), 'café ☕'],
    ['in base64 without need: the same tool as in plain letters', base64('create_project'), 'create_project'],
    ['in base64 behind a byte order mark, which the server drops', base64('\uFEFFcreate_project'), 'create_project'],
    ['an empty name', base64(''), ''],
  ])('is %s', (_name, told, name) =>
    expect(readOperation({ headersDistinct: { ...call, 'mcp-name': [told] } })).toEqual({ method: 'tools/call', name }),
  );

  it.each<[string, Record<string, string[]>]>([
    ['nothing', {}],
    ['no method', naming],
    ['an empty method', { ...naming, 'mcp-method': [''] }],
    ['no revision: a server of an older one never compares method and body', { 'mcp-method': ['tools/list'] }],
    ['an older revision', { ...call, 'mcp-protocol-version': ['2025-11-25'] }],
    ['a revision that is no date', { ...call, 'mcp-protocol-version': ['DRAFT-2026-v1'] }],
    ['a revision with more behind it', { ...call, 'mcp-protocol-version': ['2026-07-28, 2025-11-25'] }],
    ['two revisions', { ...call, 'mcp-protocol-version': ['2026-07-28', '2025-11-25'] }],
    ['two methods', { ...naming, 'mcp-method': ['tools/list', 'tools/call'] }],
  ])('is not known with %s', (_name, headers) => expect(readOperation({ headersDistinct: headers })).toEqual({}));

  it.each([
    ['twice', ['whoami', 'create_project']],
    ['in what only looks like base64', ['=?base64?d2hv YW1p?=']],
    ['in base64 without its padding', ['=?base64?d2hvYQ?=']],
    ['in base64 that is no UTF-8', ['=?base64?/w==?=']],
    ['not at all', undefined],
  ])('leaves the tool open when it is named %s', (_name, name) => {
    const headers = { ...call, ...(name && { 'mcp-name': name }) };
    expect(readOperation({ headersDistinct: headers })).toEqual({ method: 'tools/call' });
  });
});
