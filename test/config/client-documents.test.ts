import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadConfig, policyTable } from '../../src/config/index.ts';
import { fileIssuesOf, policyFile, policyWith, reading } from './refusal.ts';

const tool = {
  client_id: 'https://tool.example.com/client.json',
  client_name: 'Tool',
  redirect_uris: ['http://127.0.0.1/callback'],
};
const shipped = JSON.parse(readFileSync(new URL('../../config/client-documents.json', import.meta.url), 'utf8'));
const documentsOf = (clientDocuments: object) => policyWith({ clientDocuments }).clientDocuments;

/** Where the policy file names this one for what is pinned, with the files beside it. */
function loadPinned(pinned: string, beside: Readonly<Record<string, string>>) {
  const file = JSON.stringify(policyFile({ clientDocuments: { pinned } }));
  return loadConfig({ CONFIG_FILE: '/etc/mcp/auth.json' }, reading({ '/etc/mcp/auth.json': file, ...beside }));
}

describe('client documents', () => {
  it('are taken from every host unless told otherwise, with the shipped ones pinned', () => {
    const unlimited = { enabled: true, allow: [], deny: [], trusted: [] };
    expect(policyWith({}).clientDocuments).toEqual({ ...unlimited, pinned: shipped });
    expect(shipped.map(({ client_id: id }: typeof tool) => new URL(id).host)).toEqual([
      ...['claude.ai', 'claude.ai', 'vscode.dev', 'chatgpt.com', 'chatgpt.com', 'zed.dev', 'opencode.ai', 'v0.app'],
    ]);
  });

  it.each<[string, object]>([
    ['may be switched off', { enabled: false }],
    ['may be limited to hosts', { allow: ['claude.ai', '*.example.com'], deny: ['xn--bcher-kva.example'] }],
    ['may be trusted by the whole names of hosts', { trusted: ['claude.ai', 'vscode.dev'] }],
    ['may be pinned in the file', { pinned: [tool] }],
  ])('%s', (_what, clientDocuments) => {
    expect(documentsOf(clientDocuments)).toMatchObject(clientDocuments);
  });

  const pattern = 'must be a host name in lower case (punycode, no address, no port), or *. and a domain';
  const whole = 'must be the whole name of a host in lower case (punycode, no wildcard, no address, no port)';
  const addresses = ['https://claude.ai', 'Claude.ai', 'claude.ai:443', '*', '127.0.0.1', ''];
  it.each([
    ...[...addresses, 'claude.ai/', 'a.*.example', '[::1]'].map((host) => ['limited to', host, 'deny', pattern]),
    ...[...addresses, '*.claude.ai', 'localhost'].map((host) => ['trusted by', host, 'trusted', whole]),
  ] as const)('are not %s "%s"', (_what, host, list, sentence) => {
    expect(fileIssuesOf({ clientDocuments: { [list]: [host] } })).toEqual([`clientDocuments.${list}[0]: ${sentence}`]);
  });

  it.each(['pinned.json', './pinned.json', '/etc/mcp/pinned.json'])(
    'may be pinned in a file of their own: %s',
    (name) => {
      const { policy } = loadPinned(name, { '/etc/mcp/pinned.json': JSON.stringify([tool]) });
      expect(policy.clientDocuments.pinned).toEqual([tool]);
    },
  );

  it.each([
    ['that is not there', {}, 'names a file that cannot be read: pinned.json'],
    ['that is not JSON', { '/etc/mcp/pinned.json': '[hush' }, 'names a file that is not valid JSON: pinned.json'],
  ])('are not pinned in a file %s', (_name, files, sentence) => {
    const issues = [{ where: '/etc/mcp/auth.json › clientDocuments.pinned', sentence }];
    expect(() => loadPinned('pinned.json', files)).toThrow(expect.objectContaining({ issues }));
  });

  const pinning = (changes: object) => ({ pinned: [{ ...tool, ...changes }] });
  const refusedHost = 'is a host whose clients are refused: `allow` and `deny` hold for it, too';
  it.each<[string, object, string]>([
    [
      'trust in one that may not come',
      { trusted: ['zed.dev', 'claude.ai'], deny: ['*.ai'] },
      `trusted[1]: ${refusedHost}`,
    ],
    [
      'trust in one that is not among them',
      { trusted: ['zed.dev'], allow: ['claude.ai'] },
      `trusted[0]: ${refusedHost}`,
    ],
    ['no list', { pinned: tool }, 'pinned: must be a list of documents, or the name of a file that holds one'],
    ['no URL', pinning({ client_id: 'tool' }), 'pinned[0].client_id: must be an https URL'],
    ['no redirect', pinning({ redirect_uris: [] }), 'pinned[0].redirect_uris: must hold at least one URI'],
    ['no name', pinning({ client_name: '' }), 'pinned[0].client_name: must not be empty'],
    ['the same twice', { pinned: [tool, tool] }, 'pinned[1].client_id: is the same as in entry 0'],
    ['a slip of the hand', { enabeld: true }, 'enabeld: is not a known member; did you mean enabled?'],
    ['no switch', { enabled: 'no' }, 'enabled: must be true or false'],
  ])('are refused with %s', (_name, clientDocuments, issue) => {
    expect(fileIssuesOf({ clientDocuments })).toEqual([`clientDocuments.${issue}`]);
  });

  it('do not hide other issues by one of their own', () => {
    const issues = fileIssuesOf({ clientDocuments: { pinned: 'nowhere.json' }, signIn: { windowSeconds: 0 } });
    expect(issues).toHaveLength(2);
  });

  it('are explained in the table of the policy file', () => {
    const table = policyTable();
    expect(table).toContain('| `clientDocuments.enabled` | `true` |');
    expect(table).toContain('| `clientDocuments.pinned` | those of `config/client-documents.json` |');
    expect(table).toContain('| `clientDocuments.pinned[].client_id` | required |');
  });
});
