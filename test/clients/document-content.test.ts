import { describe, expect, it } from '@jest/globals';
import { keySet, metadata, readContent } from '../../src/clients/document-content.ts';

const url = 'https://tool.example.com/client.json';
const right = { client_id: url, client_name: 'Tool', redirect_uris: ['http://127.0.0.1/callback'] };
const json = { 'content-type': 'application/json' };
const jwksUri = 'https://tool.example.com/jwks.json';

const read = (answer: { status?: number; headers?: Record<string, string>; body?: unknown }, kind = metadata) => {
  const { status = 200, headers = json, body = right } = answer;
  return readContent({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }, url, kind);
};

describe('the answer for a document', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON', 'application/client+json'])(
    'may be of the type %s',
    (type) => expect(read({ headers: { 'content-type': type } })).toMatchObject(right),
  );

  it.each([
    ['is elsewhere', { status: 301 }, 'status 301'],
    ['is a page', { headers: { 'content-type': 'text/html' } }, 'the content type is not JSON'],
    ['has no type', { headers: {} }, 'the content type is not JSON'],
    ['is nearly JSON', { headers: { 'content-type': 'application/jsonp' } }, 'the content type is not JSON'],
    ['only says that it is JSON', { body: '<html>' }, 'not a JSON object'],
    ['is a list', { body: [right] }, 'not a JSON object'],
    ['is null', { body: 'null' }, 'not a JSON object'],
    ['is a message of its host', { body: { error: 'too many requests' } }, 'not client metadata'],
  ])('that cannot be read as one may be another in a moment, when it %s (R77)', (_name, answer, reason) =>
    expect(() => read(answer)).toThrow(expect.objectContaining({ message: reason, kind: 'transient' })),
  );

  it.each([404, 410])('says by %d that there is none', (status) =>
    expect(() => read({ status })).toThrow(expect.objectContaining({ message: `status ${status}`, kind: 'gone' })),
  );

  it.each([
    ['the host is busy', { status: 503 }],
    ['we ask too often', { status: 429 }],
    ['we must not ask from here', { status: 403 }],
    ['we look like a robot', { status: 200, headers: { 'content-type': 'text/html', 'cf-mitigated': 'challenge' } }],
    ['nothing changed since a time we never were there', { status: 304 }],
  ])('says nothing about its client when %s (R76)', (_name, answer) =>
    expect(() => read(answer)).toThrow(expect.objectContaining({ kind: 'transient' })),
  );
});

describe('a document', () => {
  it('is normalised like a registration', () => {
    const nothing = { client_uri: 'http://tool.example.com', logo_uri: '', tos_uri: null, contacts: [], scope: '' };
    const content = read({ body: { ...right, ...nothing } });

    expect(content).toMatchObject({ ...right, grant_types: ['authorization_code', 'refresh_token'] });
    for (const name of Object.keys(nothing)) expect(content).not.toHaveProperty(name);
  });

  it('has no other URL for the provider to fetch than that of its keys', () =>
    expect(read({ body: { ...right, sector_identifier_uri: 'https://internal.example.com/' } })).not.toHaveProperty(
      'sector_identifier_uri',
    ));

  const noWay = 'it names no way to authenticate that we have';
  it.each([
    ['the name of another client', { client_id: 'https://claude.ai/client.json' }, 'its client_id is not its URL'],
    ['its own name and a slash', { client_id: `${url}/` }, 'its client_id is not its URL'],
    ['no name for people', { client_name: undefined }, 'no client name'],
    ['a name that nobody can see', { client_name: ' \u200b' }, 'no client name'],
    ['a number for a name', { client_name: 7 }, 'no client name'],
    ['no redirect URIs', { redirect_uris: undefined }, 'no redirect URIs'],
    ['an empty list of redirect URIs', { redirect_uris: [] }, 'no redirect URIs'],
    ['a secret', { client_secret: 'everybody knows' }, 'it relies on a shared secret'],
    ['a secret in mind', { token_endpoint_auth_method: 'client_secret_post' }, 'it relies on a shared secret'],
    ['keys in mind and none to show', { token_endpoint_auth_method: 'private_key_jwt' }, noWay],
    ['a certificate in mind', { token_endpoint_auth_method: 'tls_client_auth' }, noWay],
  ])('is refused with %s (draft-ietf-oauth-client-id-metadata-document-02 §4)', (_name, changes, message) =>
    expect(() => read({ body: { ...right, ...changes } })).toThrow(expect.objectContaining({ message, kind: 'final' })),
  );

  const signing = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: jwksUri };
  const either = { token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'] };
  it.each([
    ['nothing', {}, 'none', ['none']],
    ['none', { token_endpoint_auth_method: 'none' }, 'none', ['none']],
    ['keys', signing, 'private_key_jwt', ['private_key_jwt']],
    ['keys and none (ChatGPT)', { ...signing, ...either }, 'private_key_jwt', ['none', 'private_key_jwt']],
    ['keys that are not there, or none', either, 'none', ['none']],
  ])('that names %s has the methods it can use, the strongest first chosen', (_name, members, method, methods) =>
    expect(read({ body: { ...right, ...members } })).toMatchObject({
      token_endpoint_auth_method: method,
      token_endpoint_auth_methods_supported: methods,
    }),
  );
});

describe('a key set', () => {
  it('holds keys', () =>
    expect(read({ headers: { 'content-type': 'application/jwk-set+json' }, body: { keys: [] } }, keySet)).toEqual({
      keys: [],
    }));

  it('is kept without the certificates of its keys, which are larger than all the rest', () => {
    const key = { kty: 'EC', kid: 'one', x: 'x', y: 'y' };
    const body = { keys: [{ ...key, x5c: ['a'.repeat(50_000)], x5t: 'b', 'x5t#S256': 'c' }], more: 'a'.repeat(9000) };

    expect(read({ body }, keySet)).toEqual({ keys: [key] });
  });

  it('is refused when it is larger than all that is kept of a client', () => {
    const keys = Array.from({ length: 40 }, () => ({ kty: 'RSA', n: 'n'.repeat(400) }));

    expect(() => read({ body: { keys } }, keySet)).toThrow(expect.objectContaining({ kind: 'final' }));
  });

  it('is refused when it is something else', () =>
    expect(() => read({ body: right }, keySet)).toThrow(
      expect.objectContaining({ message: 'not a key set', kind: 'transient' }),
    ));
});
