import { describe, expect, it } from '@jest/globals';
import { createClientDocuments } from '../../src/clients/index.ts';
import { systemClock } from '../../src/clock.ts';
import { openStore } from '../../src/storage/index.ts';
import { shared } from '../support/shared.ts';
import { names, url } from './document-cache-fixtures.ts';
import { startWeb } from './document-web.ts';

const tool = { client_id: url, client_name: 'Tool', redirect_uris: ['http://127.0.0.1/callback'] };

const web = shared(startWeb);

function createDocuments(policy: { enabled?: boolean; deny?: string[] } = {}) {
  return createClientDocuments({
    policy: { enabled: true, allow: [], deny: [], trusted: [], pinned: [], ...policy },
    store: openStore({ kind: 'sqlite', file: ':memory:' }, () => {}),
    names,
    network: web.network,
    events: { emit: () => {} },
    clock: systemClock,
  });
}

const keysUrl = 'https://tool.example.com/jwks.json';
const key = { kty: 'EC', crv: 'P-256', kid: 'one', x: 'x', y: 'y' };
const signing = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: keysUrl };
const withKeys = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key] } };
const both = { ...signing, token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'] };

describe('the id of a client', () => {
  it.each([
    ['https://tool.example.com/client.json', true],
    ['HTTPS://tool.example.com', true],
    ['http://tool.example.com/client.json', false],
    ['dyn-2uYw', false],
    ['', false],
  ])('%j names a document: %p', (id, expected) => expect(createDocuments().isDocumentUrl(id)).toBe(expected));

  it('names none where an operator has switched documents off', () =>
    expect(createDocuments({ enabled: false }).isDocumentUrl(url)).toBe(false));
});

describe('a client that is described by a document', () => {
  it.each([
    ['signs nothing and may', both, false, { token_endpoint_auth_method: 'none' }],
    ['signs', both, true, withKeys],
    ['must sign and does', signing, true, withKeys],
    ['must sign and does not', signing, false, signing],
    ['has no keys', {}, false, { token_endpoint_auth_method: 'none' }],
    ['has no keys and signs', {}, true, { token_endpoint_auth_method: 'none' }],
    ['signs with keys in its document', withKeys, true, withKeys],
  ])(
    'that %s is known by what its request needs, and by nothing to fetch (R75)',
    async (_name, members, signs, kept) => {
      web.serveJson(url, { ...tool, ...members });
      web.serveJson(keysUrl, { keys: [key] });

      const client = await createDocuments().find(url, { signs });

      expect(client).toEqual({
        ...tool,
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        ...kept,
      });
    },
  );

  it('is never known by keys from a host that is denied (R79)', async () => {
    web.serveJson(url, { ...tool, ...signing, jwks_uri: 'https://claude.ai/jwks.json' });

    const waiting = createDocuments({ deny: ['claude.ai'] }).find(url, { signs: true, route: 'token' });

    await expect(waiting).rejects.toMatchObject({ error: 'invalid_client', status: 401 });
  });
});

describe('a client whose host answers', () => {
  it.each([
    [404, 'authorization', { name: 'InvalidClient', status: 400 }],
    [404, 'token', { name: 'InvalidClientAuth', status: 401 }],
    [404, undefined, { name: 'InvalidClient', status: 400 }],
    [503, 'token', { name: 'ClientDocumentUnavailable', status: 503, code: 'CLIENT_DOCUMENT_UNAVAILABLE' }],
    [503, undefined, { name: 'ClientDocumentUnavailable', status: 503, error: 'temporarily_unavailable' }],
  ])('%d is an error at the endpoint %s', async (status, route, error) => {
    web.serve(url, { status });

    await expect(createDocuments().find(url, { signs: false, route })).rejects.toMatchObject(error);
  });

  it('503 is told when to come back (R77)', async () => {
    web.serve(url, { status: 503 });
    const told: number[] = [];

    const waiting = createDocuments().find(url, { signs: false, retryAfter: (seconds) => told.push(seconds) });

    await expect(waiting).rejects.toMatchObject({ expose: true, error_detail: undefined });
    expect(told).toEqual([60]);
  });
});
