import { request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createMachineNetwork } from '../../src/clients/index.ts';
import { send } from '../support/endpoints.ts';
import { sendRaw } from '../support/raw-request.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

const redirect_uris = ['http://127.0.0.1:43210/callback'];
const json = { 'Content-Type': 'application/json' };

const post = (body: string, headers: Record<string, string> = json) =>
  send(`${server.issuer}/oauth/register`, { headers, body });

/** In pieces, without a `Content-Length`, on a connection of its own: the answer may come before the end. */
function postInPieces(body: string): Promise<{ status: number; body: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sending = request(`${server.issuer}/oauth/register`, { method: 'POST', headers: json }, async (response) => {
      const text = await response.setEncoding('utf8').toArray();
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(text.join('')) });
    });
    sending.on('error', reject);
    for (let start = 0; start < body.length; start += 1024) sending.write(body.slice(start, start + 1024));
    sending.end();
  });
}

/** Metadata of exactly so many bytes. */
function metadataOf(bytes: number): string {
  const empty = JSON.stringify({ redirect_uris, padding: '' });
  return JSON.stringify({ redirect_uris, padding: 'x'.repeat(bytes - empty.length) });
}

describe('a registration of 16 KB', () => {
  it('is accepted, whole and in pieces (R27)', async () => {
    expect((await post(metadataOf(16_384))).status).toBe(201);
    expect((await postInPieces(metadataOf(16_384))).status).toBe(201);
  });

  it('and a byte is refused, in JSON, whole and in pieces (R25, R27)', async () => {
    const error_description = 'client metadata must be at most 16384 bytes';
    const body = { error: 'invalid_client_metadata', error_description };

    expect(await post(metadataOf(16_385))).toMatchObject({ status: 413, body });
    expect(await postInPieces(metadataOf(16_385))).toEqual({ status: 400, body });
    expect(await postInPieces(metadataOf(200_000))).toMatchObject({ status: 400, body: { error: body.error } });
  });
});

describe('the registration endpoint', () => {
  it.each([
    ['half of a document', '{"redirect_uris":["https://', json],
    ['a text', '"redirect_uris"', json],
    ['a list', '[]', json],
    ['null', 'null', json],
    ['a form', 'redirect_uris=https://tool.example', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['plain text', '{}', { 'Content-Type': 'text/plain' }],
    ['bytes that are no text', '\u0000', json],
  ])('answers %s in the words of RFC 7591, to a browser too (R25)', async (_name, body, headers) => {
    for (const accept of ['application/json', 'text/html', '*/*']) {
      const answer = await post(body, { ...headers, Accept: accept });
      const why = { error: 'invalid_client_metadata', error_description: expect.any(String) };
      expect(answer).toMatchObject({ status: 400, body: why });
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    }
  });

  it.each(['POST', 'PUT'])('says of a %s without Content-Type that this is what it lacks (R25)', async (method) => {
    const path = `/mcp/oauth/register${method === 'PUT' ? '/dyn-any' : ''}`;
    const answer = await sendRaw(server.origin, { method, path, body: JSON.stringify({ redirect_uris }) });

    const error_description = 'client metadata need the header Content-Type: application/json';
    const said = { error: 'invalid_client_metadata', error_description };
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, said]);
  });

  it('answers a registration of nothing that it lacks redirect URIs (R25)', async () =>
    expect(await post('{}')).toMatchObject({ status: 400, body: { error: 'invalid_redirect_uri' } }));

  it('says in one line of the log, by name only, what it did not keep', async () => {
    const secret = 'somebody-put-a-secret-here';
    const members = { client_name: 'A\u0007tool', scope: secret, unknown: secret, logo_uri: null };
    const { body } = await post(JSON.stringify({ redirect_uris, ...members }));

    const what = { dropped: ['scope', 'unknown', 'logo_uri'], changed: ['client_name'] };
    expect(normalisationsOf(body)).toEqual([expect.objectContaining(what)]);
    expect(JSON.stringify(server.logLines)).not.toContain(secret);
  });

  it('says nothing of a registration that it kept as it was', async () => {
    const metadata = { redirect_uris, client_name: 'A tool', token_endpoint_auth_method: 'none' };
    const { body } = await post(JSON.stringify(metadata));
    expect(normalisationsOf(body)).toEqual([]);
  });

  it('makes no outbound request for a registration', async () => {
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      return [];
    };
    await using own = await startServer({ parts: { network: { ...createMachineNetwork(), resolve } } });
    const url = 'https://tool.example.com/anything';
    const members = { sector_identifier_uri: url, jwks_uri: url, logo_uri: url, subject_type: 'pairwise' };
    const body = JSON.stringify({ redirect_uris, ...members });
    const { status } = await send(`${own.issuer}/oauth/register`, { headers: json, body });

    expect({ status, asked }).toEqual({ status: 201, asked: [] });
  });

  const normalisationsOf = ({ client_id }: Record<string, unknown>) =>
    server.logLines.filter(({ event, client }) => event === 'registration.normalised' && client === client_id);
});

describe('whatever else a client sends beside one good redirect URI', () => {
  const names =
    'client_name client_uri logo_uri contacts grant_types response_types scope jwks jwks_uri token_endpoint_auth_method ' +
    'application_type subject_type sector_identifier_uri default_max_age client_id client_secret client_secret_expires_at ' +
    'client_id_issued_at software_id __proto__ post_logout_redirect_uris id_token_signed_response_alg response_modes ' +
    'require_auth_time constructor token_endpoint_auth_signing_alg token_endpoint_auth_methods_supported ' +
    'registration_client_uri';
  const telling = 'none client_secret_basic private_key_jwt HS256 pairwise code https://tool.example'.split(' ');
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...telling), fc.array(fc.constantFrom(...telling)));
  const entries = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names.split(' ')), fc.string()), value), {
    maxLength: 8,
  });

  it('is a registration or an error of RFC 7591, never a failure (R15, R25)', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (members) => {
        const others = members
          .filter(([name]) => name !== 'redirect_uris')
          .map(([name, content]) => `${JSON.stringify(name)}:${JSON.stringify(content)},`);
        const { status, body } = await post(`{${others.join('')}"redirect_uris":${JSON.stringify(redirect_uris)}}`);
        if (status === 201) return expect(body.redirect_uris).toEqual(redirect_uris);
        expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_client_metadata' });
      }),
      { numRuns: 300, seed: 20260801 },
    );
  });
});
