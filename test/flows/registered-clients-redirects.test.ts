import { describe, expect, it } from '@jest/globals';
import { acceptableRedirectUris, refusedRedirectUris } from '../clients/redirect-uri-tables.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

async function register(redirect_uris: unknown) {
  const response = await fetch(`${server.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/html' },
    body: JSON.stringify({ client_name: 'A tool', redirect_uris }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, type: response.headers.get('content-type'), body };
}

const refusal = (description: unknown) => ({
  status: 400,
  type: 'application/json; charset=utf-8',
  body: { error: 'invalid_redirect_uri', error_description: description },
});

describe('the registration endpoint', () => {
  // What is empty is left out (R16): no URI remains.
  const empty = refusedRedirectUris.filter(([, uri]) => uri === null || String(uri).trim() === '');

  it.each(refusedRedirectUris.filter((row) => !empty.includes(row)))(
    'refuses %s: %j (R20, R25)',
    async (_name, uri) => {
      expect(await register([uri])).toEqual(refusal(expect.stringMatching(/^redirect_uris \[0\] must /)));
    },
  );

  it.each(empty)('leaves out %s, and refuses what has no other: %j (R16, R25)', async (_name, uri) => {
    expect(await register([uri])).toEqual(refusal('redirect_uris must be a list of at least one URI'));
    expect((await register([uri, 'https://tool.example/cb'])).body.redirect_uris).toEqual(['https://tool.example/cb']);
  });

  it('takes a redirect URI without the blanks around it (R16)', async () => {
    expect((await register([' http://127.0.0.1:1/cb ', '\thttps://tool.example/cb\n'])).body).toMatchObject({
      redirect_uris: ['http://127.0.0.1:1/cb', 'https://tool.example/cb'],
      application_type: 'native',
    });
  });

  it.each(acceptableRedirectUris)('accepts %s (R20)', async (uri) => {
    expect((await register([uri])).body).toMatchObject({ redirect_uris: [uri] });
  });

  it.each([
    ['no list', 'https://tool.example/cb', 'redirect_uris must be a list of at least one URI'],
    ['nothing', undefined, 'redirect_uris must be a list of at least one URI'],
    ['null', null, 'redirect_uris must be a list of at least one URI'],
    ['an empty list', [], 'redirect_uris must be a list of at least one URI'],
    [
      'one bad among good ones',
      ['https://tool.example/cb', 'file:///x'],
      'redirect_uris [1] must not use the scheme file',
    ],
    [
      'https on this computer beside an app',
      ['cursor://x/cb', 'https://localhost/cb'],
      'redirect_uris [1] must not use https on a loopback address',
    ],
    [
      'more than twenty',
      Array.from({ length: 21 }, (_each, index) => `https://tool.example/${index}`),
      'redirect_uris must hold at most 20 URIs',
    ],
  ])('refuses %s (R19, R25)', async (_name, uris, description) => {
    expect(await register(uris)).toEqual(refusal(description));
  });

  it('accepts twenty, mixed, and gives them back as they came (R19, R24)', async () => {
    const uris = Array.from({ length: 18 }, (_each, index) => `https://tool.example/${index}`);
    const mixed = [...uris, 'cursor://anysphere/cb', 'http://localhost:8787'];

    expect((await register(mixed)).body.redirect_uris).toEqual(mixed);
  });
});

describe('the authorization endpoint', () => {
  const strings = refusedRedirectUris.filter((row): row is readonly [string, string] => typeof row[1] === 'string');

  it.each(strings)('refuses %s on a page: %j (R21)', async (_name, uri) => {
    const client = await registerClient(server.issuer, { redirect_uris: ['https://tool.example/cb', 'app://cb'] });
    const { url } = client.authorizationRequest({ redirect_uri: uri });

    const page = await createPlainBrowser(server.origin).open(url.href);

    expect({ status: page.status, origin: page.url.origin }).toEqual({ status: 400, origin: server.origin });
  });

  it('asks our rule and nothing else: the assumption of redirect-uris.ts', async () => {
    const client = await registerClient(server.issuer, { redirect_uris: ['http://localhost:3118/callback'] });
    const open = (redirect_uri: string) =>
      createPlainBrowser(server.origin).open(client.authorizationRequest({ redirect_uri }).url.href);

    // Refused by stock oidc-provider 9.13, because the host is another one.
    expect((await open('http://127.0.0.1:50123/callback')).status).toBe(200);
    // Its error handler asks the same question before it redirects.
    const wrong = client.authorizationRequest({ redirect_uri: 'http://[::1]:50123/callback', response_type: 'token' });
    const rest = await createPlainBrowser(server.origin).open(wrong.url.href);
    expect(rest.url.host).toBe('[::1]:50123');
    expect(rest.url.hash).toContain('error=unsupported_response_type');
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
      const { url, verifier, state } = client.authorizationRequest({ redirect_uri: used });

      const callback = await createPerson(server.origin).approves(url);

      expect(callback.href.startsWith(used)).toBe(true);
      expect(callback.searchParams.get('state')).toBe(state);
      expect((await client.exchange(callback, verifier)).body.error).toBe('invalid_grant');
      expect((await client.exchange(callback, verifier, { redirect_uri: used })).status).toBe(200);
    },
  );

  it('keeps the query that it registered', async () => {
    const redirect = 'https://tool.example/cb?tenant=7';
    const { client } = await connect(server, { client: { redirect_uris: [redirect] } });
    const { url } = client.authorizationRequest();

    const callback = await createPerson(server.origin).approves(url);

    expect(callback.searchParams.get('tenant')).toBe('7');
  });
});
