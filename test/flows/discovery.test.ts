import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OAuthMetadataSchema, OpenIdProviderDiscoveryMetadataSchema } from '@modelcontextprotocol/sdk/shared/auth.js';
import express from 'express';
import { startServer, type TestServer } from '../support/server.ts';

const root = '/.well-known/oauth-authorization-server';
const withPath = [
  root,
  `${root}/mcp`,
  '/.well-known/openid-configuration',
  '/.well-known/openid-configuration/mcp',
  '/mcp/.well-known/openid-configuration',
  '/mcp/.well-known/oauth-authorization-server',
];
const json = { 'Content-Type': 'application/json' };
const withoutPath = [root, '/.well-known/openid-configuration'];

let server: TestServer;
let bare: TestServer;
let documentOfServer: Record<string, unknown>;

beforeAll(async () => {
  [server, bare] = await Promise.all([startServer(), startServer({ path: '' })]);
  documentOfServer = JSON.parse((await send(server.origin, root)).body);
});
afterAll(() => Promise.all([server.close(), bare.close()]));

describe('the metadata document', () => {
  it.each(withPath)('of an issuer with a path is the same at %s (RFC 8414 §3.1, R1)', async (path) => {
    const { status, type, body } = await send(server.origin, path);

    expect({ status, type, document: JSON.parse(body) }).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      document: documentOfServer,
    });
  });

  it.each(withoutPath)('of an issuer without a path is at %s (R1)', async (path) => {
    const { status, body } = await send(bare.origin, path);

    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      issuer: bare.origin,
      token_endpoint: `${bare.origin}/oauth/token`,
      jwks_uri: `${bare.origin}/oauth/jwks`,
    });
  });

  it('names the issuer without a trailing slash, byte for byte (R2, R3)', () => {
    expect(documentOfServer.issuer).toBe(server.issuer);
  });

  it('names the languages of its pages, the first for whoever wants none of them (RFC 8414 §2)', () => {
    expect(documentOfServer.ui_locales_supported).toEqual(server.config.policy.languages);
    expect(server.config.policy.languages).toEqual(['en', 'ko']);
  });

  it('names every endpoint below the path of the issuer (R5)', () => {
    expect(documentOfServer).toMatchObject({
      authorization_endpoint: `${server.issuer}/oauth/authorize`,
      token_endpoint: `${server.issuer}/oauth/token`,
      registration_endpoint: `${server.issuer}/oauth/register`,
      revocation_endpoint: `${server.issuer}/oauth/revoke`,
      introspection_endpoint: `${server.issuer}/oauth/introspect`,
      jwks_uri: `${server.issuer}/oauth/jwks`,
    });
  });

  it('advertises what is supported and nothing else (R4, R5)', () => {
    expect(documentOfServer).toMatchObject({
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: expect.arrayContaining(['client_secret_post', 'client_secret_basic']),
      authorization_response_iss_parameter_supported: true,
      subject_types_supported: ['public'],
    });
    // Some clients take the first one, and most have no secret.
    expect((documentOfServer.token_endpoint_auth_methods_supported as string[])[0]).toBe('none');
    expect(documentOfServer.response_modes_supported).toEqual(expect.arrayContaining(['query']));
  });

  it('is that of no OpenID provider for relying parties, as the README says (OpenID Connect Core §15.1)', () => {
    const [, section = ''] = readFileSync('README.md', 'utf8').split('### No OpenID provider for relying parties\n');
    const said = section.split('\n#')[0]?.replaceAll(/\s+/g, ' ') ?? '';
    const [, algorithm] = /the key of everything else, which is one for (\w+) unless/.exec(said) ?? [];
    expect(said).toContain(
      'not with the RS256 that OpenID Connect Core §15.1 demands of every provider (one algorithm',
    );
    expect(said).toContain('`openid` brings an ID token and `userinfo`');
    expect(said).toContain('there is no front- or back-channel logout');

    expect(documentOfServer).toMatchObject({
      id_token_signing_alg_values_supported: [algorithm],
      scopes_supported: expect.arrayContaining(['openid']),
      userinfo_endpoint: `${server.issuer}/oauth/userinfo`,
    });
    expect(Object.keys(documentOfServer).filter((name) => /channel_logout/.test(name))).toEqual([]);
  });

  it.each(['revocation', 'introspection'])(
    'says how clients authenticate for %s, as they do for a token (RFC 8414 §2)',
    (endpoint) => {
      for (const member of ['auth_methods_supported', 'auth_signing_alg_values_supported']) {
        const ofToken = documentOfServer[`token_endpoint_${member}`];
        expect(ofToken).toEqual(expect.arrayContaining([expect.any(String)]));
        expect(documentOfServer[`${endpoint}_endpoint_${member}`]).toEqual(ofToken);
      }
    },
  );

  it('lists concrete scopes, and offline_access for clients that ask only for what is listed (R5, R7)', () => {
    const scopes = documentOfServer.scopes_supported as string[];

    expect(scopes).toEqual(expect.arrayContaining(['project:read', 'table:data:delete', 'offline_access']));
    expect(scopes.filter((scope) => scope.includes('*'))).toEqual([]);
  });

  it('is what the official client understands (R5)', () => {
    expect(() => OAuthMetadataSchema.parse(documentOfServer)).not.toThrow();
    expect(() => OpenIdProviderDiscoveryMetadataSchema.parse(documentOfServer)).not.toThrow();
  });

  it('holds no null and no empty text (R6)', () => {
    expect(emptyMembers(documentOfServer)).toEqual([]);
  });

  it('may be read by a script of any origin (R12)', async () => {
    const { headers } = await send(server.origin, root, { Origin: 'http://localhost:6274' });

    expect(headers['access-control-allow-origin']).toBe('*');
  });
});

const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';
const client = { client_id: 'mcp-auth', client_secret: 'a secret' };
const company = { id: 'company', issuer: 'https://login.example.com', client, acrValues: ['urn:mfa', 'urn:pwd'] };
const partner = { ...company, id: 'partner', issuer: 'https://partner.example.com', acrValues: ['urn:mfa', 'urn:x'] };
const github = { id: 'github', kind: 'github', client };
const aConsole = { kind: 'console', signIn: 'https://c.example/s', url: 'https://c.example/d', client: 'c' };
const ofConsole = { clients: [{ client_id: 'c', client_secret: 's', redirect_uris: [] }] };

describe('the metadata name what the ways in can really say of how somebody signed in (OpenID Connect Discovery §3)', () => {
  it.each<[string, Record<string, object>, string[] | undefined]>([
    ['accounts here, with a second factor and passkeys', {}, [multiFactor, 'phr']],
    ['accounts here, with passwords alone', { signIn: { secondFactor: 'off' } }, undefined],
    ['a provider that does not say', { identityProviders: [{ ...company, acrValues: undefined }] }, undefined],
    ['GitHub, which never says', { identityProviders: [github] }, undefined],
    ['two providers, each value once', { identityProviders: [company, partner] }, ['urn:mfa', 'urn:pwd', 'urn:x']],
    [
      'a provider beside accounts here',
      { identityProviders: [company], signIn: { passwords: true } },
      [multiFactor, 'phr', 'urn:mfa', 'urn:pwd'],
    ],
    ['a console that does not say', { directory: aConsole, ...ofConsole }, undefined],
    ['a console', { directory: { ...aConsole, acrValues: ['urn:mfa'] }, ...ofConsole }, ['urn:mfa']],
  ])('%s', async (_name, changes, values) => {
    await using other = await startServer({ policy: changes, demonstration: false });
    const document = JSON.parse((await send(other.origin, root)).body);
    expect([document.acr_values_supported, document.claims_supported.includes('acr')]).toEqual([values, !!values]);
  });
});

describe('nobody but the operator decides about public URLs (decision 12)', () => {
  it.each([
    ['another Host', root, { Host: 'evil.example' }],
    ['X-Forwarded-Host', root, { 'X-Forwarded-Host': 'evil.example' }],
    ['X-Forwarded-Proto', root, { 'X-Forwarded-Proto': 'https' }],
    ['Forwarded', root, { Forwarded: 'host=evil.example;proto=https' }],
    ['an absolute request target (RFC 9112 §3.2.2)', `http://evil.example${root}`, { Host: 'evil.example' }],
    ['an absolute target below the path', 'http://evil.example/mcp/.well-known/openid-configuration', {}],
  ])('%s changes nothing in the metadata', async (_name, path, headers) => {
    const { status, body } = await send(server.origin, path, headers as Record<string, string>);

    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual(documentOfServer);
  });

  it('a foreign Host changes nothing in the management URL of a registration', async () => {
    const redirects = JSON.stringify({ redirect_uris: ['http://127.0.0.1/callback'] });
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', 'Content-Type': 'application/json' };

    const { status, body } = await send(server.origin, '/mcp/oauth/register', headers, redirects);

    expect(status).toBe(201);
    expect(JSON.parse(body).registration_client_uri).toMatch(`${server.issuer}/oauth/register/dyn-`);
  });
});

describe('behind a proxy that ends TLS', () => {
  it('cookies are for https only, because the issuer is', async () => {
    await using proxied = await startServer({ issuer: 'https://auth.example.com/mcp' });
    const { client_id: id } = JSON.parse(
      (await send(proxied.origin, '/mcp/oauth/register', json, '{"redirect_uris":["http://127.0.0.1/callback"]}')).body,
    );
    const query = `client_id=${id}&redirect_uri=http://127.0.0.1/callback&response_type=code`;
    const pkce = 'code_challenge=qjrzSW9gMiUgpUvqgEPE4_-8swvyCtfOVvg55o5S_es&code_challenge_method=S256';

    const { status, headers } = await send(proxied.origin, `/mcp/oauth/authorize?${query}&${pkce}`);

    const cookies = headers['set-cookie'] as string[];
    expect({ status, cookies: cookies.length > 0 }).toEqual({ status: 303, cookies: true });
    for (const cookie of cookies) expect(cookie).toMatch(/; secure; httponly$/i);
  });
});

describe('mounted in Express', () => {
  it.each([
    ['at the root', '/', root],
    ['at the root, below the path', '/', '/mcp/.well-known/openid-configuration'],
    ['at the path of the issuer', '/mcp', '/mcp/.well-known/openid-configuration'],
    ['at the well-known path', '/.well-known', `${root}/mcp`],
  ])('%s, the document is the same', async (_name, mountPath, path) => {
    const http = createServer(express().use(mountPath, server.server.callback()));
    const origin = await listen(http);

    const { status, body } = await send(origin, path);
    http.close();

    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual(documentOfServer);
  });
});

describe('a well-known path that nobody serves', () => {
  it.each([
    '/.well-known/jwks.json',
    '/.well-known/oauth-authorization-server/other',
    '/.well-known/openid-configuration/mcp/more',
    '/mcp/.well-known/nothing',
  ])('%s is 404 in JSON, neither a redirect nor a page (R11)', async (path) => {
    const { status, type, body } = await send(server.origin, path);

    expect({ status, type }).toEqual({ status: 404, type: 'application/json; charset=utf-8' });
    expect(JSON.parse(body)).toMatchObject({ error: 'not_found' });
  });
});

describe('the keys', () => {
  it('are published without their private parts (RFC 7517 §9.2)', async () => {
    const { body } = await send(server.origin, '/mcp/oauth/jwks');

    const [key, ...others] = JSON.parse(body).keys;
    expect(key).toEqual({
      kty: 'EC',
      crv: 'P-256',
      alg: 'ES256',
      use: 'sig',
      kid: expect.any(String),
      x: expect.any(String),
      y: expect.any(String),
    });
    expect(others).toEqual([]);
  });
});

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** Byte for byte what is told: `fetch` would correct the target and the Host. */
function send(origin: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const { statusCode: status, headers: received } = response;
        resolve({ status, type: received['content-type'], headers: received, body: text });
      });
    });
    sent.on('error', reject).end(body);
  });
}

async function listen(http: Server): Promise<string> {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

function emptyMembers(value: unknown, path = ''): string[] {
  if (value === null || value === '') return [path];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, each]) => emptyMembers(each, `${path}.${name}`));
}
