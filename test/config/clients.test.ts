import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from '../../src/config/index.ts';
import { changedPolicy } from '../support/policy.ts';
import { policyFile } from './refusal.ts';

const run = promisify(execFile);

const website = ['https://tool.example/cb'];

function issuesOf(clients: readonly object[], changes: object = {}): string[] {
  try {
    loadConfig({}, () => JSON.stringify(policyFile({ clients, ...changes })));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.map(({ where, sentence }) => `${where.replace('config/auth.json › ', '')}: ${sentence}`);
  }
}

const tool = (members: object) => ({ client_id: 'tool', redirect_uris: website, ...members });

describe('a configured client', () => {
  it.each([
    ['is public', {}],
    ['sends people to an app and a website', { redirect_uris: ['cursor://anysphere/cb', ...website] }],
    ['is a gateway, which sends nobody anywhere', { redirect_uris: [], client_secret: 'hush' }],
    ['pads its redirect URI', { redirect_uris: [' https://tool.example/cb '] }],
    ['says nothing of its method', { token_endpoint_auth_method: null }],
    ['has keys', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://tool.example/jwks' }],
    ['has a secret', { token_endpoint_auth_method: 'client_secret_post', client_secret: 'hush' }],
    ['has a scope', { scope: 'project:read' }],
  ])('is accepted when it %s', (_name, members) => {
    expect(issuesOf([tool(members)])).toEqual([]);
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
    [
      'more than twenty',
      Array.from({ length: 21 }, (_each, index) => `https://tool.example/${index}`),
      ': must hold at most 20 URIs',
    ],
  ])('is refused when it redirects to %s (R20, R21)', (_name, redirect_uris, issue) => {
    expect(issuesOf([tool({ redirect_uris })])).toEqual([`clients[0].redirect_uris${issue}`]);
  });

  const methods = 'none, client_secret_post, client_secret_basic, private_key_jwt';

  it.each([
    ['a method we do not have', 'tls_client_auth', `token_endpoint_auth_method: must be one of ${methods}`],
    ['no method at all', 7, `token_endpoint_auth_method: must be one of ${methods}`],
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
    expect(issuesOf([tool({ token_endpoint_auth_method })])).toEqual([`clients[0].${issue}`]);
  });

  it('is told of with all others, and with every other issue', () => {
    const clients = [
      tool({ redirect_uris: ['http://evil.example/cb', 'ftp://evil.example/cb'] }),
      { client_id: 'another', redirect_uris: 'x', token_endpoint_auth_method: 'tls_client_auth' },
    ];

    expect(issuesOf(clients, { organizationsUrl: '/new' })).toEqual([
      'organizationsUrl: must be an absolute https URL (http on this machine only)',
      'clients[0].redirect_uris[0]: must use https, or http on a loopback address',
      'clients[0].redirect_uris[1]: must not use the scheme ftp',
      'clients[1].redirect_uris: must be a list of URIs',
      `clients[1].token_endpoint_auth_method: must be one of ${methods}`,
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

describe('the logo of a configured client', () => {
  const png = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR…', 'latin1');
  const large = Buffer.concat([png, Buffer.alloc(256 * 1024)]);
  const asUrl = (bytes: Buffer | string, type = 'image/png') =>
    `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
  const files: Record<string, Buffer | string> = {
    '/etc/mcp/tool.png': png,
    '/etc/mcp/tool.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '/etc/mcp/large.png': large,
    '/etc/mcp/page.png': '<!doctype html>',
  };

  function load(logo: unknown) {
    files['/etc/mcp/auth.json'] = JSON.stringify(policyFile({ clients: [tool({ logo })] }));
    return loadConfig({ CONFIG_FILE: '/etc/mcp/auth.json' }, (path, encoding) => {
      const file = files[path];
      if (file === undefined) throw new Error('no such file');
      return Buffer.from(file as Buffer).toString(encoding);
    }).policy.clients[0]?.logo;
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
