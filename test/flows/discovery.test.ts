import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { OAuthMetadataSchema, OpenIdProviderDiscoveryMetadataSchema } from '@modelcontextprotocol/sdk/shared/auth.js';
import express from 'express';
import { listening } from '../support/listening.ts';
import { sendRaw } from '../support/raw-request.ts';
import { redirectUri } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const root = '/.well-known/oauth-authorization-server';
const openid = '/.well-known/openid-configuration';
const json = 'application/json; charset=utf-8';

const server = shared(startServer);
const bare = shared(() => startServer({ path: '' }));
const metadata = shared(async () => (await ask(server.origin, root)).document);

/** Byte for byte what is told: `fetch` would correct the target and the Host. */
async function ask(origin: string, path: string, headers: Record<string, string> = {}) {
  const { status, head, body } = await sendRaw(origin, { path, headers });
  const type = /^content-type: (.*)$/im.exec(head)?.[1];
  return { status, type, document: JSON.parse(body) as Record<string, unknown> };
}
async function expectMetadata(origin: string, path: string, headers?: Record<string, string>) {
  const { status, type, document } = await ask(origin, path, headers);
  expect({ status, type, document }).toEqual({ status: 200, type: json, document: { ...metadata } });
}

describe('the metadata document', () => {
  it.each([root, `${root}/mcp`, openid, `${openid}/mcp`, `/mcp${openid}`, `/mcp${root}`])(
    'of an issuer with a path is the same at %s (RFC 8414 §3.1, R1)',
    (path) => expectMetadata(server.origin, path),
  );

  it.each([root, openid])('of an issuer without a path is at %s (R1)', async (path) => {
    const { status, document } = await ask(bare.origin, path);

    expect([status, document.issuer]).toEqual([200, bare.origin]);
    expect(document.token_endpoint).toBe(`${bare.origin}/oauth/token`);
    expect(document.jwks_uri).toBe(`${bare.origin}/oauth/jwks`);
  });

  it('names the issuer without a trailing slash, byte for byte (R2, R3)', () => {
    expect(metadata.issuer).toBe(server.issuer);
  });

  it('names the languages of its pages, the first for whoever wants none of them (RFC 8414 §2)', () => {
    expect(metadata.ui_locales_supported).toEqual(server.config.policy.languages);
    expect(server.config.policy.languages).toEqual(['en', 'ko']);
  });

  it('names every endpoint below the path of the issuer (R5)', () => {
    const below = `${server.issuer}/oauth`;
    expect(metadata).toMatchObject({
      authorization_endpoint: `${below}/authorize`,
      token_endpoint: `${below}/token`,
      registration_endpoint: `${below}/register`,
      revocation_endpoint: `${below}/revoke`,
      introspection_endpoint: `${below}/introspect`,
      jwks_uri: `${below}/jwks`,
    });
  });

  it('advertises what is supported and nothing else (R4, R5)', () => {
    expect(metadata).toMatchObject({
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: expect.arrayContaining(['client_secret_post', 'client_secret_basic']),
      authorization_response_iss_parameter_supported: true,
      subject_types_supported: ['public'],
    });
    // Some clients take the first one, and most have no secret.
    expect(String(metadata.token_endpoint_auth_methods_supported)).toMatch(/^none,/);
    expect(metadata.response_modes_supported).toEqual(expect.arrayContaining(['query']));
  });

  it('is that of no OpenID provider for relying parties, as the README says (OpenID Connect Core §15.1)', () => {
    const [, section = ''] = readFileSync('README.md', 'utf8').split('### No OpenID provider for relying parties\n');
    const said = section.split('\n#')[0]?.replaceAll(/\s+/g, ' ') ?? '';
    const [, algorithm] = /the key that signs access tokens, an (\w+) key unless/.exec(said) ?? [];
    const notWith = 'not with the RS256 that OpenID Connect Core §15.1 demands of every provider (one algorithm';
    const without = 'the service tells no other application of a sign-out (front- or back-channel logout)';
    for (const words of [notWith, '`openid` brings an ID token and `userinfo`', without]) expect(said).toContain(words);

    expect(metadata).toMatchObject({
      id_token_signing_alg_values_supported: [algorithm],
      scopes_supported: expect.arrayContaining(['openid']),
      userinfo_endpoint: `${server.issuer}/oauth/userinfo`,
    });
    expect(Object.keys(metadata).filter((name) => /channel_logout/.test(name))).toEqual([]);
  });

  it.each(['revocation', 'introspection'])(
    'says how clients authenticate for %s, as they do for a token (RFC 8414 §2)',
    (endpoint) => {
      for (const member of ['auth_methods_supported', 'auth_signing_alg_values_supported']) {
        const ofToken = metadata[`token_endpoint_${member}`];
        expect(ofToken).toEqual(expect.arrayContaining([expect.any(String)]));
        expect(metadata[`${endpoint}_endpoint_${member}`]).toEqual(ofToken);
      }
    },
  );

  it('lists concrete scopes, and offline_access for clients that ask only for what is listed (R5, R7)', () => {
    const listed = ['project:read', 'table:data:delete', 'offline_access'];
    expect(metadata.scopes_supported).toEqual(expect.arrayContaining(listed));
    expect(String(metadata.scopes_supported)).not.toContain('*');
  });

  it('is what the official client understands (R5)', () => {
    expect(() => OAuthMetadataSchema.parse({ ...metadata })).not.toThrow();
    expect(() => OpenIdProviderDiscoveryMetadataSchema.parse({ ...metadata })).not.toThrow();
  });

  it('holds no null and no empty text (R6)', () => {
    expect(emptyMembers(metadata)).toEqual([]);
  });
});

const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';
const client = { client_id: 'mcp-auth', client_secret: 'a secret' };
const company = { id: 'company', issuer: 'https://login.example.com', client, acrValues: ['urn:mfa', 'urn:pwd'] };
const partner = { ...company, id: 'partner', issuer: 'https://partner.example.com', acrValues: ['urn:mfa', 'urn:x'] };
const ofBoth = [multiFactor, 'phr', 'urn:mfa', 'urn:pwd'];
const github = { id: 'github', kind: 'github', client };
const aConsole = { kind: 'console', signIn: 'https://c.example/s', url: 'https://c.example/d', client: 'c' };
const ofConsole = { clients: [{ client_id: 'c', client_secret: 's', redirect_uris: [] }] };

it.each<[string, Record<string, object>, string[] | undefined]>([
  ['accounts here, with a second factor and passkeys', {}, [multiFactor, 'phr']],
  ['accounts here, with passwords alone', { signIn: { secondFactor: 'off' } }, undefined],
  ['a provider that does not say', { identityProviders: [{ ...company, acrValues: undefined }] }, undefined],
  ['GitHub, which never says', { identityProviders: [github] }, undefined],
  ['two providers, each value once', { identityProviders: [company, partner] }, ['urn:mfa', 'urn:pwd', 'urn:x']],
  ['a provider beside accounts here', { identityProviders: [company], signIn: { passwords: true } }, ofBoth],
  ['a console that does not say', { directory: aConsole, ...ofConsole }, undefined],
  ['a console', { directory: { ...aConsole, acrValues: ['urn:mfa'] }, ...ofConsole }, ['urn:mfa']],
])(
  'the metadata name what the ways in can really say of how somebody signed in (OpenID Connect Discovery §3) %s',
  async (_name, changes, values) => {
    await using other = await startServer({ policy: changes, demonstration: false });
    const { acr_values_supported, claims_supported } = (await ask(other.origin, root)).document;
    expect([acr_values_supported, String(claims_supported).split(',').includes('acr')]).toEqual([values, !!values]);
  },
);

describe('nobody but the operator decides about public URLs', () => {
  it.each<[string, string, Record<string, string>]>([
    ['another Host', root, { Host: 'evil.example' }],
    ['X-Forwarded-Host', root, { 'X-Forwarded-Host': 'evil.example' }],
    ['X-Forwarded-Proto', root, { 'X-Forwarded-Proto': 'https' }],
    ['Forwarded', root, { Forwarded: 'host=evil.example;proto=https' }],
    ['an absolute request target (RFC 9112 §3.2.2)', `http://evil.example${root}`, { Host: 'evil.example' }],
    ['an absolute target below the path', `http://evil.example/mcp${openid}`, {}],
  ])('%s changes nothing in the metadata', (_name, path, headers) => expectMetadata(server.origin, path, headers));

  it('a foreign Host changes nothing in the management URL of a registration', async () => {
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', 'Content-Type': 'application/json' };
    const registration = { method: 'POST', path: '/mcp/oauth/register', headers };

    const body = JSON.stringify({ redirect_uris: [redirectUri] });
    const answer = await sendRaw(server.origin, { ...registration, body });

    expect(answer.status).toBe(201);
    expect(JSON.parse(answer.body).registration_client_uri).toMatch(`${server.issuer}/oauth/register/dyn-`);
  });
});

it.each([
  ['at the root', '/', root],
  ['at the root, below the path', '/', `/mcp${openid}`],
  ['at the path of the issuer', '/mcp', `/mcp${openid}`],
  ['at the well-known path', '/.well-known', `${root}/mcp`],
])('mounted in Express %s, the document is the same', async (_name, mountPath, path) => {
  await using host = await listening(express().use(mountPath, server.server.callback()));
  await expectMetadata(host.origin, path);
});

it.each(['/.well-known/jwks.json', `${root}/other`, `${openid}/mcp/more`, '/mcp/.well-known/nothing'])(
  'a well-known path that nobody serves %s is 404 in JSON, neither a redirect nor a page (R11)',
  async (path) => {
    const notFound = { status: 404, type: json, document: { error: 'not_found' } };
    expect(await ask(server.origin, path)).toMatchObject(notFound);
  },
);

it('the keys are published without their private parts (RFC 7517 §9.2)', async () => {
  const { document } = await ask(server.origin, '/mcp/oauth/jwks');
  const [kid, x, y] = Array(3).fill(expect.any(String));

  expect(document.keys).toEqual([{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid, x, y }]);
});

function emptyMembers(value: unknown, path = ''): string[] {
  if (value === null || value === '') return [path];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, each]) => emptyMembers(each, `${path}.${name}`));
}
