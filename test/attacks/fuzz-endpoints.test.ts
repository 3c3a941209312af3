import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createMachineNetwork } from '../../src/clients/document-request.ts';
import { createCookies } from '../../src/http/cookies.ts';
import { createCookieSigner } from '../../src/keys/index.ts';
import { eventuallyWithin } from '../support/eventually.ts';
import { brokenText, formWith, inputs, json, objectWith, text } from '../support/hostile-input.ts';
import { sendRaw } from '../support/raw-request.ts';
import { redirectUri, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** Whatever a stranger sends: no crash, no answer that takes a second, none that is our error, no stack trace (of no chapter). */
/** Some ids are addresses of documents; nothing is fetched. */
const nowhere = { ...createMachineNetwork(), resolve: async () => [] };

const cookieKey = 'a key for cookies that only tests may know';

// Its peer is a proxy here: what that forwards is read.
const env = { COOKIE_KEYS: cookieKey, TRUSTED_PROXIES: '127.0.0.1' };
const server = shared(() => startServer({ env, parts: { network: nowhere } }));
const client = shared(() => registerClient(server.issuer));

type Sent = Parameters<typeof sendRaw>[1];

async function survives(sent: Sent): Promise<void> {
  const answer = await sendRaw(server.origin, sent);
  // Also what came after the answer before this one.
  const said = [...server.logLines];
  // The one 5xx that is right: a document that cannot be had now may be had later (R76).
  const waitsForDocument = answer.status === 503 && said.some(({ event }) => event === 'client_document.error');
  if (!waitsForDocument) expect(answer.status).toBeLessThan(500);
  expect(answer.body).not.toMatch(/\n {4}at |node_modules|\.ts:\d/);
  if (answer.ms > 1000) await eventuallyWithin(1000, () => sendRaw(server.origin, sent));
  const ours = said.filter(({ level }) => Number(level) >= 50);
  expect(ours).toEqual([]);
  server.logLines.length = 0;
}

const asJson = { 'Content-Type': 'application/json' };
const asForm = { 'Content-Type': 'application/x-www-form-urlencoded' };

const posts = (path: string, body: string, headers: Record<string, string> = asForm) =>
  ({ method: 'POST', path, headers, body }) as const;

const always = <T>(arbitrary: fc.Arbitrary<T>, request: (input: T) => Sent) =>
  fc.assert(
    fc.asyncProperty(arbitrary, (input) => survives(request(input))),
    { numRuns: inputs },
  );

const limitMs = 60_000 + inputs * 20;

const metadata = {
  redirect_uris: ['https://tool.example/callback'],
  client_name: 'A tool',
  token_endpoint_auth_method: 'private_key_jwt',
  jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'one' }] },
};
const furtherMembers = [
  ...['client_uri', 'logo_uri', 'contacts', 'grant_types', 'response_types', 'jwks_uri', 'scope', 'software_id'],
  ...['software_version', 'application_type', 'post_logout_redirect_uris', 'client_id', 'client_secret', 'tos_uri'],
  ...['token_endpoint_auth_signing_alg', 'default_max_age', 'client_id_issued_at', 'subject_type', 'request_uris'],
  ...['software_statement', 'require_auth_time', 'id_token_signed_response_alg', 'default_acr_values', '__proto__'],
];

describe('the registration endpoint', () => {
  const request = (body: string) => posts('/mcp/oauth/register', body, asJson);

  it('survives any member', () => always(objectWith(metadata, furtherMembers), request), limitMs);
  it('survives any JSON', () => always(json, request), limitMs);
  it('survives what is nearly JSON', () => always(brokenText(objectWith(metadata)), request), limitMs);
});

describe('the authorization endpoint', () => {
  const further = [
    ...['claims', 'prompt', 'max_age', 'nonce', 'response_mode', 'request', 'request_uri', 'id_token_hint', 'display'],
    ...['login_hint', 'ui_locales', 'acr_values', 'registration', 'organization', 'dpop_jkt', 'authorization_details'],
  ];
  const usual = () => Object.fromEntries(client.authorizationRequest({ resource: server.issuer }).url.searchParams);
  const path = '/mcp/oauth/authorize';
  const get = (query: string) => ({ path: `${path}?${query.slice(0, 12_000)}` });
  const post = (body: string) => posts(path, body);

  it('survives any query', () => always(formWith(usual(), further), get), limitMs);
  it('survives any form', () => always(formWith({ ...usual(), scope: 'openid *:*' }, further), post), limitMs);

  const claims = fc.oneof(
    json,
    objectWith({ id_token: { sub: null, acr: { values: ['x'] } }, userinfo: { email: { essential: true } } }),
    json.map((value) => `{"id_token":{"sub":{"value":${value}},"acr":{"values":${value}}}}`),
  );
  const uri = fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), text, brokenText(fc.webUrl()));
  const requesting = (parameters: Record<string, string>) =>
    post(String(new URLSearchParams({ ...usual(), ...parameters })));

  it(
    'survives any `claims`',
    () => always(claims, (said) => requesting({ scope: 'openid *:*', claims: said })),
    limitMs,
  );
  it(
    'survives any redirect URI and any resource',
    () => always(fc.tuple(uri, uri), ([redirect_uri, resource]) => requesting({ redirect_uri, resource })),
    limitMs,
  );
});

describe('the token, revocation and introspection endpoints', () => {
  const credentials = ['client_secret', 'client_assertion', 'client_assertion_type'];
  const further = ['scope', 'resource', 'token_type_hint', ...credentials];
  const redemption = { grant_type: 'authorization_code', code: 'x', code_verifier: 'x'.repeat(43) };
  const tokens = { refresh_token: 'x', token: 'x' };
  const anything = () => ({ ...redemption, ...tokens, client_id: client.clientId, redirect_uri: redirectUri });
  const endpoint = fc.constantFrom('token', 'revoke', 'introspect');
  const request = ([name, body]: [string, string]) => posts(`/mcp/oauth/${name}`, body);

  it('survive any form', () => always(fc.tuple(endpoint, formWith(anything(), further)), request), limitMs);
});

describe('the sign-in form', () => {
  const fields = formWith({ csrf: 'x', email: 'demo@example.com', password: 'x' });
  const request = (body: string) => posts('/mcp/oauth/account/sign-in', body, { ...asForm, Accept: 'text/html' });

  it('survives any field', () => always(fields, request), limitMs);
});

const headerText = text.map((value) => Buffer.from(value.slice(0, 200).replace(/[\r\n]/g, '')).toString('latin1'));
const anyPath = fc.constantFrom(
  ...['oauth/authorize', 'oauth/token', 'oauth/register', 'oauth/userinfo', 'oauth/introspect', 'oauth/revoke'],
  ...['oauth/revocations', 'oauth/verify', 'oauth/verify/%', 'oauth/protected-resource/%ff', 'oauth/sign-out'],
  ...['oauth/register/%00', 'oauth/authorize/%', 'oauth/interaction/%', 'oauth/account', 'oauth/account/sign-in'],
  'oauth/account/x/%ff',
);
const anyMethod = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS');

/** A request to any endpoint with these headers, and a form where one belongs. */
function withHeaders(headers: fc.Arbitrary<Record<string, string>>) {
  return always(fc.tuple(anyMethod, anyPath, headers), ([method, path, sent]) => ({
    method,
    path: `/mcp/${path}`,
    headers: { ...asForm, ...sent },
    ...(method !== 'GET' && { body: 'client_id=x&token=y&grant_type=refresh_token&email=a&password=b' }),
  }));
}

function anyAuthorization() {
  const base64 = text.map((value) => `Basic ${Buffer.from(`${value}:${value}`).toString('base64')}`);
  const bearer = fc.tuple(json, json).map(([header, payload]) => `Bearer ${jwt(header, payload)}`);
  const plain = fc.tuple(fc.constantFrom('Basic', 'Bearer', 'DPoP', 'Digest', ''), headerText);
  const worded = plain.map((words) => words.join(' '));
  return fc.oneof(base64, bearer, worded, headerText).map((value) => ({ Authorization: value.slice(0, 6000) }));
}

function anyCookie() {
  const name = fc.constantFrom(...Object.values(createCookies(server.issuer).names), 'x');
  const signer = createCookieSigner([cookieKey]);
  // Rightly signed, too: a browser may bring back what another server with the same keys has written.
  const signature = (pair: string) => fc.constantFrom(signer.sign(pair), '', 'x');
  const encoded = json.map((each) => Buffer.from(each).toString('base64url').slice(0, 3000));
  const cookie = fc
    .tuple(name, fc.oneof(headerText, encoded))
    .chain(([key, value]) => signature(`${key}=${value}`).map((sig) => `${key}=${value}; ${key}.sig=${sig}`));
  return fc.oneof(cookie, headerText).map((Cookie) => ({ Cookie }));
}

function anyForwarded() {
  const names = ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'Forwarded', 'X-Original-URI'];
  const name = fc.constantFrom(...names, 'X-Original-Method', 'Mcp-Method', 'Mcp-Name', 'Last-Event-ID', 'Origin');
  const fields = fc.array(fc.tuple(name, headerText), { minLength: 1, maxLength: 3 });
  return fields.map((each) => ({ 'MCP-Protocol-Version': '2026-07-28', ...Object.fromEntries(each) }));
}

describe('every endpoint', () => {
  it.each<[string, () => fc.Arbitrary<Record<string, string>>]>([
    ['`Authorization`', anyAuthorization],
    ['cookie', anyCookie],
    ['forwarded header', anyForwarded],
  ])('survives any %s', (_what, headers) => withHeaders(headers()), limitMs);
});

function jwt(header: string, payload: string) {
  const part = (value: string) => Buffer.from(value).toString('base64url').slice(0, 2000);
  return `${part(header)}.${part(payload)}.AA`;
}
