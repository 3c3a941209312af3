import { afterEach, describe, expect, it } from '@jest/globals';
import { startWeb } from '../clients/document-web.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { testStores } from '../support/test-store.ts';

/** Requests that are well-formed as HTTP and nonsense as everything else: our error is never the answer to theirs (of no chapter). */
const kept = shared(testStores.SQLite);
const web = shared(startWeb);
const server = shared(() => startServer({ env: kept.env, parts: { network: web.network } }));
afterEach(() => {
  expect(server.logLines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

const lists = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

function register(body: string, { path = '/oauth/register', method = 'POST', token = '' } = {}) {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  return fetch(`${server.issuer}${path}`, { method, headers, body });
}

async function refuses(sent: () => Promise<Response>, error: string): Promise<void> {
  const before = await kept.records();
  const answer = await sent();
  const text = await answer.text();
  expect([answer.status, JSON.parse(text).error]).toEqual([400, error]);
  expect(text).not.toMatch(/\n +at |node_modules|TypeError|RangeError/);
  expect((await kept.records()).map(({ key }) => key)).toEqual(before.map(({ key }) => key));
}

const right = '"https://tool.example/callback"';

describe('a registration that is nested without end', () => {
  it.each([
    ['as a whole', lists(5000), 'invalid_client_metadata'],
    ['as objects', objects(2500), 'invalid_client_metadata'],
    ['where its redirect URIs are', `{"redirect_uris":${lists(5000)}}`, 'invalid_client_metadata'],
    ['in one redirect URI', `{"redirect_uris":[${right},${lists(5000)}]}`, 'invalid_client_metadata'],
    ['in its keys', `{"redirect_uris":[${right}],"jwks":{"keys":[${lists(5000)}]}}`, 'invalid_client_metadata'],
    ['in a member that nobody reads', `{"redirect_uris":[${right}],"x":${objects(2500)}}`, 'invalid_client_metadata'],
  ])('is refused, %s', (_where, body, error) => refuses(() => register(body), error));
});

const members = [
  ...['redirect_uris', 'client_name', 'client_uri', 'logo_uri', 'contacts', 'grant_types', 'response_types', 'jwks'],
  ...['token_endpoint_auth_method', 'token_endpoint_auth_signing_alg', 'jwks_uri', 'scope', 'software_id', 'tos_uri'],
  ...['software_version', 'application_type', 'post_logout_redirect_uris', 'id_token_signed_response_alg', 'client_id'],
  ...['id_token_encrypted_response_alg', 'request_object_signing_alg', 'userinfo_signed_response_alg', 'subject_type'],
];
const values = {
  'an object without text': '{"toString":1}',
  'a list of such': '[{"toString":1}]',
  'a number beyond all': '1e999',
  'a number beyond what is exact': `1${'0'.repeat(300)}`,
  'half a character': '"\\ud800"',
  'a list of half characters': '["\\udc00"]',
  NUL: '"\\u0000"',
};
const combinations = members.flatMap((member) =>
  Object.entries(values).map(([name, value]) => ({ member, name, value })),
);

describe('a registration', () => {
  it.each(combinations)('with $name as its $member is taken without it, or refused', async ({ member, value }) => {
    const methods = ['none', 'client_secret_basic', 'private_key_jwt'];
    for (const method of methods) {
      const usual = { redirect_uris: `[${right}]`, token_endpoint_auth_method: `"${method}"`, [member]: value };
      const body = Object.entries(usual).map(([name, text]) => `"${name}":${text}`);
      const answer = await register(`{${body.join(',')}}`);
      const text = await answer.text();
      if (answer.status === 201) expect(text).not.toContain('toString');
      else expect([400, expect.stringMatching(/^invalid_/)]).toEqual([answer.status, JSON.parse(text).error]);
    }
  });

  it.each([
    ['nested without end', `{"redirect_uris":[${right}],"x":${lists(5000)}}`, 'invalid_client_metadata'],
    ['an object without text', '{"redirect_uris":[{"toString":1}]}', 'invalid_redirect_uri'],
  ])('is not changed by an update that is %s', async (_name, body, error) => {
    const { clientId, registration } = await registerClient(server.issuer);
    const token = String(registration.registration_access_token);
    const path = `/oauth/register/${clientId}`;
    const update = body.replace('{', `{"client_id":"${clientId}",`);
    await refuses(() => register(update, { path, method: 'PUT', token }), error);
  });
});

const url = 'https://tool.example.com/client.json';
const keysUrl = 'https://tool.example.com/jwks.json';
const asJson = { headers: { 'content-type': 'application/json' } };
const document = { client_id: url, client_name: 'Tool', redirect_uris: ['http://127.0.0.1/callback'] };

function asksForToken(parameters: Record<string, string>) {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id: url, ...parameters });
  return fetch(`${server.issuer}/oauth/token`, { method: 'POST', body });
}

describe('a client that describes itself on the web', () => {
  it.each([
    ['nested without end', objects(10_000)],
    ['objects for texts', '{"toString":1}'],
  ])('is unknown when its document holds %s', async (name, value) => {
    const own = `https://tool.example.com/${encodeURIComponent(name)}`;
    const body = JSON.stringify({ ...document, client_id: own, redirect_uris: 'here' }).replace('"here"', value);
    web.serve(own, { ...asJson, body });
    const answer = await asksForToken({ client_id: own });
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([401, 'invalid_client']);
  });

  it.each([
    ['texts', '["abc"]'],
    ['nothing', '[null]'],
    ['objects for texts', '[{"kty":{"toString":1},"kid":{"toString":1}}]'],
    ['numbers for coordinates', '[{"kty":"EC","crv":"P-256","x":1e999,"y":{"toString":1}}]'],
    ['half characters', '[{"kty":"RSA","n":"\\ud800","e":"\\u0000"}]'],
    ['lists of lists', lists(200)],
  ])('is not believed when it signs and its keys are %s', async (name, keys) => {
    const own = `https://tool.example.com/${encodeURIComponent(name)}.json`;
    const ownKeys = `${keysUrl}?${encodeURIComponent(name)}`;
    const signing = { ...document, client_id: own, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: ownKeys };
    web.serveJson(own, signing);
    web.serve(ownKeys, { ...asJson, body: `{"keys":${keys}}` });
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: own, sub: own, aud: server.issuer, jti: name, exp: Math.floor(Date.now() / 1000) + 60 };
    const assertion = `${part({ alg: 'ES256' })}.${part(claims)}.AA`;
    const answer = await asksForToken({
      client_id: own,
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    const { error } = (await answer.json()) as { error: string };
    expect([400, 401]).toContain(answer.status);
    expect(error).toMatch(/^invalid_client(_metadata)?$/);
  });
});
