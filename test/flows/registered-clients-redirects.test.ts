import { describe, expect, it } from '@jest/globals';
import { acceptableRedirectUris, refusedRedirectUris } from '../clients/redirect-uri-tables.ts';
import { approve } from '../support/approval.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { send } from '../support/endpoints.ts';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

const register = (redirect_uris: unknown) =>
  send(`${server.issuer}/oauth/register`, {
    headers: { Accept: 'text/html' },
    body: { client_name: 'A tool', redirect_uris },
  });

async function expectRefused(redirect_uris: unknown, error_description: unknown) {
  const { status, headers, body } = await register(redirect_uris);
  expect([status, headers.get('content-type')]).toEqual([400, 'application/json; charset=utf-8']);
  expect(body).toEqual({ error: 'invalid_redirect_uri', error_description });
}
const noList = 'redirect_uris must be a list of at least one URI';

describe('the registration endpoint', () => {
  // What is empty is left out (R16): no URI remains.
  const empty = refusedRedirectUris.filter(([, uri]) => uri === null || String(uri).trim() === '');

  it.each(refusedRedirectUris.filter((row) => !empty.includes(row)))('refuses %s: %j (R20, R25)', (_name, uri) =>
    expectRefused([uri], expect.stringMatching(/^redirect_uris \[0\] must /)),
  );

  it.each(empty)('leaves out %s, and refuses what has no other: %j (R16, R25)', async (_name, uri) => {
    await expectRefused([uri], noList);
    expect((await register([uri, 'https://tool.example/cb'])).body.redirect_uris).toEqual(['https://tool.example/cb']);
  });

  it('takes a redirect URI without the blanks around it (R16)', async () => {
    expect((await register([' http://127.0.0.1:1/cb ', '\thttps://tool.example/cb\n'])).body).toMatchObject({
      redirect_uris: ['http://127.0.0.1:1/cb', 'https://tool.example/cb'],
      application_type: 'native',
    });
  });

  it.each(acceptableRedirectUris)('accepts %s (R20)', async (uri) =>
    expect((await register([uri])).body).toMatchObject({ redirect_uris: [uri] }),
  );

  const many = (count: number) => Array.from({ length: count }, (_each, index) => `https://tool.example/${index}`);
  const loopback = 'redirect_uris [1] must not use https on a loopback address';

  it.each([
    ['no list', 'https://tool.example/cb', noList],
    ['nothing', undefined, noList],
    ['null', null, noList],
    ['an empty list', [], noList],
    ['one bad among good ones', [...many(1), 'file:///x'], 'redirect_uris [1] must not use the scheme file'],
    ['https on this computer beside an app', ['cursor://x/cb', 'https://localhost/cb'], loopback],
    ['more than twenty', many(21), 'redirect_uris must hold at most 20 URIs'],
  ])('refuses %s (R19, R25)', (_name, uris, description) => expectRefused(uris, description));

  it('accepts twenty, mixed, and gives them back as they came (R19, R24)', async () => {
    const mixed = [...many(18), 'cursor://anysphere/cb', 'http://localhost:8787'];
    expect((await register(mixed)).body.redirect_uris).toEqual(mixed);
  });
});

describe('the authorization endpoint', () => {
  const strings = refusedRedirectUris.filter((row): row is readonly [string, string] => typeof row[1] === 'string');

  const open = ({ authorizationRequest }: RelyingParty, request: Record<string, string>) =>
    createPlainBrowser(server.origin).open(authorizationRequest(request).url.href);

  it.each(strings)('refuses %s on a page: %j (R21)', async (_name, uri) => {
    const client = await registerClient(server.issuer, { redirect_uris: ['https://tool.example/cb', 'app://cb'] });
    const { status, url } = await open(client, { redirect_uri: uri });
    expect([status, url.origin]).toEqual([400, server.origin]);
  });

  it('asks our rule and nothing else: the assumption of redirect-uris.ts', async () => {
    const client = await registerClient(server.issuer, { redirect_uris: ['http://localhost:3118/callback'] });
    // Refused by stock oidc-provider 9.13, because the host is another one.
    expect((await open(client, { redirect_uri: 'http://127.0.0.1:50123/callback' })).status).toBe(200);
    // Its error handler asks the same question before it redirects.
    const wrong = { redirect_uri: 'http://[::1]:50123/callback', response_type: 'token' };
    const { url } = await open(client, wrong);
    expect([url.host, url.hash]).toEqual(['[::1]:50123', expect.stringContaining('error=unsupported_response_type')]);
  });
});

describe('a client that uses another spelling of its loopback redirect', () => {
  it.each([
    ['as Continue does', 'http://localhost:3000/?state=1b4e28ba', 'http://localhost:3000'],
    ['by another name of this computer', 'http://localhost:3118/callback', 'http://127.0.0.1:50123/callback'],
  ])(
    'gets its answer there, and tokens for that spelling only, %s (R37, R38, R60)',
    async (_name, registered, used) => {
      const client = await registerClient(server.issuer, { redirect_uris: [registered] });
      const { callback, state, redeem } = await approve(client, createPerson(server.origin), { redirect_uri: used });

      expect(callback.href.startsWith(used)).toBe(true);
      expect(callback.searchParams.get('state')).toBe(state);
      expect((await redeem()).body.error).toBe('invalid_grant');
      expect((await redeem({ redirect_uri: used })).status).toBe(200);
    },
  );

  it('keeps the query that it registered', async () => {
    const client = await registerClient(server.issuer, { redirect_uris: ['https://tool.example/cb?tenant=7'] });
    const { callback } = await approve(client, createPerson(server.origin));
    expect(callback.searchParams.get('tenant')).toBe('7');
  });
});
