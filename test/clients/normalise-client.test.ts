import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { completeConfiguredClient, describeChanges, normaliseClient } from '../../src/clients/index.ts';
import { supportedByDefault } from '../../src/clients/normalise-client.ts';

const fixtures = JSON.parse(readFileSync(new URL('../fixtures/registrations.json', import.meta.url), 'utf8'));
const bodies: [string, Record<string, unknown>][] = Object.entries({ ...fixtures.real, ...fixtures.synthetic });

const redirect_uris = ['http://127.0.0.1:43210/callback'];
const supported = { ...supportedByDefault, authMethods: ['none', 'client_secret_basic', 'private_key_jwt'] };

/** What comes of a client that says this beside its redirect URI. */
function normalised(metadata: Record<string, unknown>) {
  const client: Record<string, unknown> = { redirect_uris, ...metadata };
  const sent = { ...client };
  normaliseClient(client, supported);
  return { client, changes: describeChanges(sent, client) };
}

describe('a client that describes itself', () => {
  it.each([
    ['null', null],
    ['an empty text', ''],
    ['blanks', '  '],
    ['an empty list', []],
  ])('may say %s of anything and means nothing (R16)', (_name, nothing) => {
    const names = ['client_uri', 'logo_uri', 'contacts', 'jwks', 'scope', 'software_id', 'post_logout_redirect_uris'];

    const { client } = normalised(Object.fromEntries(names.map((name) => [name, nothing])));

    expect(names.filter((name) => name in client)).toEqual([]);
  });

  it.each([
    ['scope, which would limit every later request', 'scope', 'project:read'],
    ['what nobody knows', 'resource', 'https://api.example/mcp'],
    ['a URL that we would have to fetch', 'sector_identifier_uri', 'https://tool.example/sector'],
    ['an algorithm of which there is no choice', 'id_token_signed_response_alg', 'HS256'],
    ['a software statement nobody can check', 'software_statement', 'x.y.z'],
    ['a page that is not https', 'client_uri', 'http://tool.example'],
    ['a page that is script', 'policy_uri', 'javascript:alert(1)'],
    ['a page with a user name', 'tos_uri', 'https://claude.ai@evil.example'],
    ['a picture within the registration', 'logo_uri', 'data:image/png;base64,AAAA'],
    ['a page of 2,001 characters', 'client_uri', `https://tool.example/${'a'.repeat(1980)}`],
    ['keys that nothing is signed with', 'jwks_uri', 'https://tool.example/jwks'],
    ['contacts that are no addresses', 'contacts', ['https://tool.example', 7, 'nobody']],
    ['contacts that are no list', 'contacts', 'help@tool.example'],
    ['a version that is no text', 'software_version', 2],
  ])('loses %s (R16)', (_name, member, value) => {
    const { client, changes } = normalised({ [member]: value });

    expect(client).not.toHaveProperty(member);
    expect(changes).toContainEqual({ member, kind: 'dropped' });
  });

  const home = 'http://localhost/';
  it.each([
    ['a page', 'client_uri', ' https://tool.example/about ', 'https://tool.example/about'],
    ['its version', 'software_version', ' 1.2.3 ', '1.2.3'],
    ['the contacts that are addresses', 'contacts', ['no', ' a@b.example ', 'a@b.example'], ['a@b.example']],
    ['where to go after signing out', 'post_logout_redirect_uris', [home, 'file:///'], [home]],
  ])('keeps %s, trimmed (R16)', (_name, member, value, kept) =>
    expect(normalised({ [member]: value }).client[member]).toEqual(kept),
  );

  it.each([
    ['only the code grant (Zed)', ['authorization_code'], ['code']],
    [
      'a grant we do not have (VS Code)',
      ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
      ['code'],
    ],
    ['response types we do not have (LibreChat)', ['authorization_code'], ['code', 'code id_token', 'none']],
    ['nothing we have', ['implicit', 'password'], ['token']],
    ['nothing at all', undefined, undefined],
    ['nonsense', 'authorization_code', { code: true }],
  ])('that names %s gets a code and may stay connected (R17)', (_name, grant_types, response_types) => {
    expect(normalised({ grant_types, response_types }).client).toMatchObject({
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    });
  });

  it.each([
    ['native', ['http://localhost/cb']],
    ['native', ['cursor://host/cb', 'https://tool.example/cb']],
    ['native', ['com.example.app:/cb']],
    ['web', ['https://tool.example/cb']],
    ['web', ['https://localhost/cb', 'https://tool.example/cb']],
  ])('is %s with %j, whatever it says (R18)', (application_type, uris) => {
    for (const claimed of ['web', 'native', 'desktop', undefined]) {
      expect(normalised({ redirect_uris: uris, application_type: claimed }).client.application_type).toBe(
        application_type,
      );
    }
  });

  it.each([
    ['none', 'none', {}],
    ['client_secret_basic', 'client_secret_basic', {}],
    [' client_secret_basic ', 'client_secret_basic', {}],
    ['client_secret_jwt', 'none', {}],
    ['tls_client_auth', 'none', {}],
    [undefined, 'none', {}],
    [{}, 'none', {}],
    ['private_key_jwt', 'none', {}],
    ['private_key_jwt', 'none', { jwks_uri: 'http://tool.example/jwks' }],
    ['private_key_jwt', 'private_key_jwt', { jwks_uri: 'https://tool.example/jwks' }],
    ['private_key_jwt', 'private_key_jwt', { jwks: { keys: [{ kty: 'EC' }] } }],
  ])('that authenticates by %j gets %s (R22) with %j', (asked, method, keys) =>
    expect(normalised({ token_endpoint_auth_method: asked, ...keys }).client.token_endpoint_auth_method).toBe(method),
  );

  it.each([
    ['RS256', 'RS256'],
    ['HS256', undefined],
    ['none', undefined],
  ])('that signs with %s keeps %s', (alg, kept) => {
    const signing = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://tool.example/jwks' };
    const { client } = normalised({ ...signing, token_endpoint_auth_signing_alg: alg });

    expect(client.token_endpoint_auth_signing_alg).toBe(kept);
  });

  it.each([
    ['Claude Code (bkend)', 'Claude Code (bkend)'],
    ['  日本語 🛠️‍♀️ ', '日本語 🛠️‍♀️'],
    ['two\nlines\u0000\u0007', 'two lines'],
    ['\u202Eedoc\u2066 Claude\u3164', 'edoc Claude'],
    ['x'.repeat(300), 'x'.repeat(100)],
    ['🛠'.repeat(300), '🛠'.repeat(100)],
    ['\u200b\u200d', '127.0.0.1'],
    ['', '127.0.0.1'],
    [42, '127.0.0.1'],
  ])('that calls itself %j is called %s (R26)', (claimed, name) =>
    expect(normalised({ client_name: claimed }).client.client_name).toBe(name),
  );

  it.each([
    ['a website', ['http://localhost:1/cb', 'https://tool.example:8443/cb'], 'tool.example'],
    ['an app', ['http://localhost:1/cb', 'cursor://anysphere/cb'], 'cursor'],
    ['this computer', ['http://localhost:51234/cb'], 'localhost'],
  ])('without a name has that of %s (R26)', (_kind, uris, name) =>
    expect(normalised({ redirect_uris: uris }).client.client_name).toBe(name),
  );

  it('has redirect URIs without blanks around them, and none that is empty (R16)', () => {
    const uris = [null, ' https://tool.example/b ', '', '  ', 'https://tool.example/a', 7];
    const kept = ['https://tool.example/b', 'https://tool.example/a'];

    expect(normalised({ redirect_uris: uris }).client.redirect_uris).toEqual([...kept, 7]);
    expect(normalised({ post_logout_redirect_uris: uris, redirect_uris: kept }).client).toMatchObject({
      post_logout_redirect_uris: kept,
    });
  });

  it('keeps its redirect URIs as they are spelled, in their order (R24)', () => {
    const uris = ['http://LOCALHOST:1/b', 'https://tool.example', 'app://x/../y'];
    expect(normalised({ redirect_uris: [...uris] }).client.redirect_uris).toEqual(uris);
  });

  it('is told nothing when nothing was changed', () => {
    const { client } = normalised({ client_name: 'A tool' });
    expect(normalised(client).changes).toEqual([]);
  });
});

describe('what the normaliser made', () => {
  it.each(bodies)('of %s is what it makes again', (_name, body) => {
    const once = structuredClone(body);
    normaliseClient(once, supported);
    const twice = structuredClone(once);

    normaliseClient(twice, supported);
    expect(twice).toEqual(once);
  });

  it('of anything is what it makes again', () => {
    const names = [...new Set(bodies.flatMap(([, body]) => Object.keys(body))), 'jwks', 'jwks_uri'];
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.webUrl(), fc.emailAddress());
    const metadata = fc.dictionary(fc.constantFrom(...names), value);
    fc.assert(
      fc.property(metadata, (anything) => {
        const client: Record<string, unknown> = { ...anything };
        normaliseClient(client, supported);
        const once = structuredClone(client);
        normaliseClient(client, supported);
        expect(client).toEqual(once);
      }),
      { numRuns: 500, seed: 20260801 },
    );
  });
});

const website = { client_id: 'tool', redirect_uris: ['https://tool.example/cb'] };
const secret = { ...website, client_secret: 's' };
const by = (token_endpoint_auth_method: string | null) => ({ token_endpoint_auth_method });
const known = { application_type: 'web', client_name: 'tool.example' };

it.each([
  ['a website', website, known],
  ['a tool with a secret', secret, by('client_secret_basic')],
  ['a tool with a secret and a method', { ...secret, ...by('client_secret_post') }, by('client_secret_post')],
  ['a tool that says nothing of its method', { ...secret, ...by(null) }, by('client_secret_basic')],
  ['blanks around a redirect URI', { ...website, redirect_uris: [' https://tool.example/cb '] }, website],
  ['other members', { ...website, grant_types: ['client_credentials'] }, { grant_types: ['client_credentials'] }],
  ['a gateway, which sends nobody anywhere', { client_id: 'gate', redirect_uris: [] }, { response_types: [] }],
])('a configured client is completed at the start: %s', (_name, client, expected) => {
  const frozen = Object.freeze({ ...client, redirect_uris: Object.freeze(client.redirect_uris) });

  expect(completeConfiguredClient(frozen)).toMatchObject(expected);
});
