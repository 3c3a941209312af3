import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/index.ts';
import { changedPolicy } from '../support/policy.ts';
import { fileIssuesOf, policyFile, policyWith, reading } from './refusal.ts';

const run = promisify(execFile);

const website = ['https://tool.example/cb'];
const tool = (members: object) => ({ client_id: 'tool', redirect_uris: website, ...members });
const issuesOf = (members: object) => fileIssuesOf({ clients: [tool(members)] });

describe('a configured client', () => {
  it.each<[string, object]>([
    ['is public', {}],
    ['sends people to an app and a website', { redirect_uris: ['cursor://anysphere/cb', ...website] }],
    ['is a gateway, which sends nobody anywhere', { redirect_uris: [], client_secret: 'hush' }],
    ['pads its redirect URI', { redirect_uris: [' https://tool.example/cb '] }],
    ['says nothing of its method', { token_endpoint_auth_method: null }],
    ['has keys', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://tool.example/jwks' }],
    ['has a secret', { token_endpoint_auth_method: 'client_secret_post', client_secret: 'hush' }],
    ['has a scope', { scope: 'project:read' }],
  ])('is accepted when it %s', (_name, members) => {
    expect(policyWith({ clients: [tool(members)] }).clients).toMatchObject([{ client_id: 'tool' }]);
  });

  it.each([
    ['http on the web', ['http://evil.example/cb'], '[0]: must use https, or http on a loopback address'],
    ['script', [...website, 'javascript:alert(1)'], '[1]: must not use the scheme javascript'],
    ['an empty text', [''], '[0]: must be a non-empty string'],
    [
      'https on this computer beside an app',
      ['cursor://x/cb', 'https://localhost/cb'],
      '[1]: must not use https on a loopback address',
    ],
    ['more than twenty', Array.from({ length: 21 }, (_, n) => `${website}/${n}`), ': must hold at most 20 URIs'],
  ])('is refused when it redirects to %s (R20, R21)', (_name, redirect_uris, issue) => {
    expect(issuesOf({ redirect_uris })).toEqual([`clients[0].redirect_uris${issue}`]);
  });

  const method = 'must be one of none, client_secret_post, client_secret_basic, private_key_jwt';

  it.each([
    ['a method we do not have', 'tls_client_auth', `token_endpoint_auth_method: ${method}`],
    ['no method at all', 7, `token_endpoint_auth_method: ${method}`],
    [
      'a secret that it does not have',
      'client_secret_basic',
      'client_secret: is missing: client_secret_basic authenticates with it',
    ],
    [
      'keys that it does not have',
      'private_key_jwt',
      'token_endpoint_auth_method: is private_key_jwt: it needs jwks_uri or jwks',
    ],
  ])('is refused when it authenticates with %s', (_name, token_endpoint_auth_method, issue) => {
    expect(issuesOf({ token_endpoint_auth_method })).toEqual([`clients[0].${issue}`]);
  });

  it('is told of with all others, and with every other issue', () => {
    const clients = [
      tool({ redirect_uris: ['http://evil.example/cb', 'ftp://evil.example/cb'] }),
      { client_id: 'another', redirect_uris: 'x', token_endpoint_auth_method: 'tls_client_auth' },
    ];

    expect(fileIssuesOf({ clients, organizationsUrl: '/new' })).toEqual([
      'organizationsUrl: must be an absolute https URL (http on this machine only)',
      'clients[0].redirect_uris[0]: must use https, or http on a loopback address',
      'clients[0].redirect_uris[1]: must not use the scheme ftp',
      'clients[1].redirect_uris: must be a list of URIs',
      `clients[1].token_endpoint_auth_method: ${method}`,
    ]);
  });

  it.each([
    [
      'that could never work',
      [tool({ redirect_uris: ['http://evil.example/cb'] })],
      ['config/auth.json › clients[0].redirect_uris[0]  must use https'],
    ],
    [
      'that the protocol refuses',
      [tool({ grant_types: ['password'] }), tool({ client_id: 'good' }), tool({ client_id: 'b', jwks: { keys: [7] } })],
      [
        'clients[0]  cannot be used: grant_types can only contain',
        'clients[2]  cannot be used: client JSON Web Key Set',
      ],
    ],
  ])('%s keeps the server from starting, in one message', async (_name, clients, lines) => {
    using policy = changedPolicy({ clients });
    const env = { ...policy.env, PORT: '0', DATABASE: ':memory:', STORE_SECRET: 'a secret that only tests may know' };

    const failure = await run(process.execPath, ['src/main.ts'], { env }).catch((error) => error);

    const told = String(failure.stderr).replaceAll(policy.env.CONFIG_FILE, 'config/auth.json');
    expect({ code: failure.code, stdout: failure.stdout }).toEqual({ code: 1, stdout: '' });
    for (const line of lines) expect(told).toContain(line);
    expect(told).not.toContain('    at ');
  });
});

describe('a client known beforehand', () => {
  it('keeps every member of its registration', () => {
    const client = tool({ client_name: 'Tool', jwks: { keys: [] } });
    expect(policyWith({ clients: [client] }).clients).toEqual([client]);
  });

  it.each<[string, object[], string]>([
    ['without an id', [{ redirect_uris: [] }], '[0].client_id: is missing: the client’s id, e.g. my-tool'],
    ['with an empty id', [tool({ client_id: '' })], '[0].client_id: must not be empty'],
    ['with one URI for a list', [tool({ redirect_uris: website[0] })], '[0].redirect_uris: must be a list of URIs'],
    ['with a number for a URI', [tool({ redirect_uris: [1] })], '[0].redirect_uris[0]: must be a URI'],
    ['twice', [tool({}), tool({})], '[1].client_id: is the same as in entry 0'],
  ])('is refused %s', (_name, clients, issue) => {
    expect(fileIssuesOf({ clients })).toEqual([`clients${issue}`]);
  });
});

describe('the logo of a configured client', () => {
  const png = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR…', 'latin1');
  const large = Buffer.concat([png, Buffer.alloc(256 * 1024)]);
  const asUrl = (bytes: Buffer | string, type = 'image/png') =>
    `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
  const files = {
    '/etc/mcp/tool.png': png,
    '/etc/mcp/tool.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '/etc/mcp/large.png': large,
    '/etc/mcp/page.png': '<!doctype html>',
  };

  function load(logo: unknown) {
    const file = JSON.stringify(policyFile({ clients: [tool({ logo })] }));
    const read = reading({ ...files, '/etc/mcp/auth.json': file });
    return loadConfig({ CONFIG_FILE: '/etc/mcp/auth.json' }, read).policy.clients[0]?.logo;
  }

  it.each(['tool.png', './tool.png', '/etc/mcp/tool.png', asUrl(png), asUrl(png, 'text/plain;charset=utf-8')])(
    'is read from %s',
    (logo) => expect(load(logo)?.split(',')[1]).toBe(png.toString('base64')),
  );

  const noPicture = 'must be a PNG, JPEG, WebP or GIF image (no SVG), in base64';
  it.each([
    ['a file that is not there', 'nowhere.png', 'names a file that cannot be read: nowhere.png'],
    ['SVG in a file', 'tool.svg', noPicture],
    ['a page in a file', 'page.png', noPicture],
    ['SVG in a URL', asUrl('<svg/>', 'image/svg+xml'), noPicture],
    ['SVG that is called PNG', asUrl('<svg/>'), noPicture],
    ['a URL without base64', 'data:image/svg+xml,<svg/>', noPicture],
    ['a file that is too large', 'large.png', 'must be at most 256 kB'],
    ['a URL that is too large', asUrl(large), 'must be at most 256 kB'],
    ['an address', 'https://tool.example/logo.png', 'names a file that cannot be read: https://tool.example/logo.png'],
    ['nothing', '', 'must be a data URL, or the name of a file beside this one'],
    ['no text', 7, 'must be a text'],
  ])('is not %s', (_name, logo, sentence) => {
    const where = '/etc/mcp/auth.json › clients[0].logo';
    expect(() => load(logo)).toThrow(expect.objectContaining({ issues: [{ where, sentence }] }));
  });
});
