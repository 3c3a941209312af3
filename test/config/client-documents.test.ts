import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadConfig, policyTable } from '../../src/config/index.ts';
import { errorOf, fileIssuesOf, loadWith, policyFile } from './refusal.ts';

const tool = {
  client_id: 'https://tool.example.com/client.json',
  client_name: 'Tool',
  redirect_uris: ['http://127.0.0.1/callback'],
};
const shipped = JSON.parse(readFileSync(new URL('../../config/client-documents.json', import.meta.url), 'utf8'));
const documentsOf = (clientDocuments: object) => loadWith({}, policyFile({ clientDocuments })).policy.clientDocuments;

/** The policy file and the files beside it. */
function loadFiles(files: Readonly<Record<string, string>>) {
  return loadConfig({ CONFIG_FILE: '/etc/mcp/auth.json' }, (path) => {
    const text = files[path];
    if (text === undefined) throw new Error('no such file');
    return text;
  });
}
const policyWith = (pinned: unknown) => JSON.stringify(policyFile({ clientDocuments: { pinned } }));

describe('client documents', () => {
  it('are taken from every host unless told otherwise, with the shipped ones pinned', () => {
    expect(loadWith({}).policy.clientDocuments).toEqual({
      enabled: true,
      allow: [],
      deny: [],
      trusted: [],
      pinned: shipped,
    });
    expect(shipped.map(({ client_id: id }: typeof tool) => new URL(id).host)).toEqual([
      'claude.ai',
      'claude.ai',
      'vscode.dev',
      'chatgpt.com',
      'chatgpt.com',
      'zed.dev',
      'opencode.ai',
      'v0.app',
    ]);
  });

  it('may be switched off', () => {
    expect(documentsOf({ enabled: false })).toMatchObject({ enabled: false });
  });

  it('may be limited to hosts', () => {
    const lists = { allow: ['claude.ai', '*.example.com'], deny: ['xn--bcher-kva.example'] };
    expect(documentsOf(lists)).toMatchObject(lists);
  });

  it.each([
    'https://claude.ai',
    'claude.ai/',
    'claude.ai:443',
    'Claude.ai',
    '*',
    'a.*.example',
    '127.0.0.1',
    '[::1]',
    '',
  ])('are not limited to "%s"', (host) => {
    const sentence = 'must be a host name in lower case (punycode, no address, no port), or *. and a domain';
    expect(fileIssuesOf({ clientDocuments: { deny: [host] } })).toEqual([`clientDocuments.deny[0]: ${sentence}`]);
  });

  it.each(['*.claude.ai', '*', 'https://claude.ai', 'Claude.ai', 'claude.ai:443', '127.0.0.1', 'localhost', ''])(
    'are not trusted by "%s"',
    (host) => {
      const sentence = 'must be the whole name of a host in lower case (punycode, no wildcard, no address, no port)';
      expect(fileIssuesOf({ clientDocuments: { trusted: [host] } })).toEqual([
        `clientDocuments.trusted[0]: ${sentence}`,
      ]);
    },
  );

  it('are trusted by the whole names of hosts, of which none may be refused', () => {
    expect(documentsOf({ trusted: ['claude.ai', 'vscode.dev'] })).toMatchObject({
      trusted: ['claude.ai', 'vscode.dev'],
    });
    const sentence = 'is a host whose clients are refused: `allow` and `deny` hold for it, too';
    expect(fileIssuesOf({ clientDocuments: { trusted: ['zed.dev', 'claude.ai'], deny: ['*.ai'] } })).toEqual([
      `clientDocuments.trusted[1]: ${sentence}`,
    ]);
    expect(fileIssuesOf({ clientDocuments: { trusted: ['zed.dev'], allow: ['claude.ai'] } })).toEqual([
      `clientDocuments.trusted[0]: ${sentence}`,
    ]);
  });

  it('may be pinned in the file', () => {
    expect(documentsOf({ pinned: [tool] }).pinned).toEqual([tool]);
  });

  it.each(['pinned.json', './pinned.json', '/etc/mcp/pinned.json'])(
    'may be pinned in a file of their own: %s',
    (name) => {
      const files = { '/etc/mcp/auth.json': policyWith(name), '/etc/mcp/pinned.json': JSON.stringify([tool]) };
      expect(loadFiles(files).policy.clientDocuments.pinned).toEqual([tool]);
    },
  );

  it.each([
    ['that is not there', {}, 'names a file that cannot be read: pinned.json'],
    ['that is not JSON', { '/etc/mcp/pinned.json': '[hush' }, 'names a file that is not valid JSON: pinned.json'],
  ])('are not pinned in a file %s', (_name, files, sentence) => {
    const load = () => loadFiles({ '/etc/mcp/auth.json': policyWith('pinned.json'), ...files });
    expect(load).toThrow(
      expect.objectContaining({ issues: [{ where: '/etc/mcp/auth.json › clientDocuments.pinned', sentence }] }),
    );
  });

  it.each([
    ['no list', { pinned: tool }, 'pinned: must be a list of documents, or the name of a file that holds one'],
    ['no URL', { pinned: [{ ...tool, client_id: 'tool' }] }, 'pinned[0].client_id: must be an https URL'],
    [
      'no redirect',
      { pinned: [{ ...tool, redirect_uris: [] }] },
      'pinned[0].redirect_uris: must hold at least one URI',
    ],
    ['no name', { pinned: [{ ...tool, client_name: '' }] }, 'pinned[0].client_name: must not be empty'],
    ['the same twice', { pinned: [tool, tool] }, 'pinned[1].client_id: is the same as in entry 0'],
    ['a slip of the hand', { enabeld: true }, 'enabeld: is not a known member; did you mean enabled?'],
    ['no switch', { enabled: 'no' }, 'enabled: must be true or false'],
  ])('are refused with %s', (_name, clientDocuments, issue) => {
    expect(fileIssuesOf({ clientDocuments })).toEqual([`clientDocuments.${issue}`]);
  });

  it('do not hide other issues by one of their own', () => {
    const file = policyFile({ clientDocuments: { pinned: 'nowhere.json' }, signIn: { windowSeconds: 0 } });
    expect(errorOf({}, JSON.stringify(file)).issues).toHaveLength(2);
  });

  it('are explained in the table of the policy file', () => {
    const table = policyTable();
    expect(table).toContain('| `clientDocuments.enabled` | `true` |');
    expect(table).toContain('| `clientDocuments.pinned` | those of `config/client-documents.json` |');
    expect(table).toContain('| `clientDocuments.pinned[].client_id` | required |');
  });
});
