import { describe, expect, it, jest } from '@jest/globals';
import type { Endpoint } from '../../src/http/index.ts';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { redirectUri, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** A server, and all that it answers at, as it puts them into its table. */
const server = shared(async () => {
  const grouped = jest.spyOn(Map, 'groupBy');
  const started = await startServer();
  const given = grouped.mock.calls.map(([items]) => [...items] as Endpoint[]);
  grouped.mockRestore();
  const endpoints = given.find((items) => items.some(({ name, path }) => name === 'token' && path)) ?? [];
  return { ...started, endpoints };
});
const bare = shared(() => startServer({ path: '' }));

const form = (members: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(members) });
const json = (members: object) => ({
  ...{ method: 'POST', headers: { 'Content-Type': 'application/json' } },
  body: JSON.stringify(members),
});
const request = async (parameters = {}) => (await registerClient(server.issuer)).authorizationRequest(parameters).url;
/** Is not led anywhere by the answer. */
const ask = (url: string | URL, init: RequestInit = {}) => fetch(url, { redirect: 'manual', ...init });
const goesTo = (answer: Response) => new URL(answer.headers.get('location') ?? '', server.origin);

describe('a tool that guesses its endpoints at the origin (R95)', () => {
  it.each(['text/html', '*/*', 'application/json'])(
    'is redirected to sign in, query and all, for %s',
    async (Accept) => {
      const { search } = await request({ state: 'a b&c=d' });

      const { status, headers } = await ask(`${server.origin}/authorize${search}`, { headers: { Accept } });

      expect([status, headers.get('location')]).toEqual([307, `/mcp/oauth/authorize${search}`]);
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  it('is redirected with its form, where it posts one (RFC 9110 §15.4.8)', async () => {
    const body = (await request()).searchParams;

    const answer = await fetch(`${server.origin}/authorize`, { method: 'POST', body });

    expect(answer.url).toContain(`${server.issuer}/oauth/interaction/`);
  });

  it('registers, redeems and renews there', async () => {
    const registered = await fetch(`${server.origin}/register`, json({ redirect_uris: [redirectUri] }));
    const registration = (await registered.json()) as Record<string, string>;
    const client_id = String(registration.client_id);
    const { url, verifier } = (await registerClient(server.issuer)).authorizationRequest({ client_id });
    const guess = new URL(`/authorize${url.search}`, server.origin);
    const code = (await createPerson(server.origin).approves(guess)).searchParams.get('code') ?? '';
    const redemption = { grant_type: 'authorization_code', code, code_verifier: verifier, client_id };

    const redeemed = await fetch(`${server.origin}/token`, form(redemption));
    const { refresh_token = '' } = (await redeemed.json()) as Record<string, string>;
    // As Go's oauth2 says who it is: what is done to a request there is done here (R57).
    const renewed = await fetch(`${server.origin}/token/`, {
      ...form({ grant_type: 'refresh_token', refresh_token }),
      headers: { Authorization: `Basic ${btoa(`${client_id}:`)}` },
    });

    expect([registered.status, redeemed.status, renewed.status]).toEqual([201, 200, 200]);
    expect(registration.registration_client_uri).toBe(`${server.issuer}/oauth/register/${client_id}`);
    expect(redeemed.headers.get('cache-control')).toBe('no-store');
  });

  it('is refused there as it is at the endpoints themselves', async () => {
    const { client } = await connect(server);
    const renewal = form({ grant_type: 'refresh_token', refresh_token: 'x', client_id: client.clientId });
    const there = await fetch(`${server.origin}/token`, renewal);
    const here = await fetch(`${server.issuer}/oauth/token`, renewal);
    const unreadable = await fetch(`${server.origin}/register`, json({ redirect_uris: ['javascript:alert(1)'] }));

    expect(there.status).toBe(400);
    expect(await there.json()).toEqual(await here.json());
    expect(await unreadable.json()).toMatchObject({ error: 'invalid_redirect_uri' });
    expect(unreadable.headers.get('access-control-allow-origin')).toBe('*');
  });

  it.each([
    ['PUT', '/authorize', 'GET, POST'],
    ['GET', '/token', 'POST'],
    ['GET', '/register', 'POST'],
  ])('%s %s is told what may be done there (RFC 9110 §15.5.6)', async (method, path, allow) => {
    const { status, headers } = await fetch(server.origin + path, { method });

    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow });
  });

  it.each(['/authorize', '/token', '/register'])('finds nothing at %s of an issuer without a path', async (path) => {
    expect((await ask(bare.origin + path)).status).toBe(404);
  });
});

describe('an authorization request by POST (RFC 6749 §3.1)', () => {
  const endpoint = () => `${server.issuer}/oauth/authorize`;

  it('goes on as the same request by GET, with the cookies of who is signed in', async () => {
    const { person } = await connect(server);
    const client = await registerClient(server.issuer);
    const { url, verifier } = client.authorizationRequest({ scope: 'project:read mcp:tools', nonce: 'x', prompt: 'x' });

    const answer = await ask(endpoint(), { method: 'POST', body: url.searchParams });
    const there = goesTo(answer);

    expect(answer.status).toBe(303);
    expect(Object.fromEntries(there.searchParams)).toEqual(Object.fromEntries(url.searchParams));
    expect(there.href.startsWith(`${endpoint()}?`)).toBe(true);
    const redeemed = await client.exchange(await person.approves(there), verifier);
    expect(redeemed).toMatchObject({ status: 200, body: { scope: 'project:read' } });
  });

  it('keeps a parameter that is there twice, which is refused (RFC 6749 §3.1)', async () => {
    const { searchParams } = await request();
    const body = new URLSearchParams([...searchParams, ['client_id', 'another']]);
    const there = goesTo(await ask(endpoint(), { method: 'POST', body }));

    expect(there.searchParams.getAll('client_id')).toEqual([searchParams.get('client_id'), 'another']);
    expect((await ask(there)).status).toBe(400);
  });

  it('brings no field into its address that is no parameter of a request, a password or a secret (RFC 9700 §4.3)', async () => {
    const { searchParams } = await request({ organization: 'acme' });
    const secrets = { password: 'x'.repeat(9000), client_secret: 's', code_verifier: 'v' };
    const foreign = Object.entries({ ...secrets, CLIENT_ID: 'c', chooses_again: 'w' });
    const body = new URLSearchParams([...searchParams, ...foreign, ['resource', server.issuer]]);
    const answer = await ask(endpoint(), { method: 'POST', body });

    const kept = [...searchParams, ['resource', server.issuer]];
    expect([answer.status, [...goesTo(answer).searchParams]]).toEqual([303, kept]);
  });

  it.each([
    ['JSON', json({ client_id: 'x' }), 415],
    ['what no URL could carry', form({ state: 'x'.repeat(9000) }), 413],
    ['what nobody should read', form({ state: 'x'.repeat(90_000) }), 413],
  ])('is refused as %s', async (_name, given, status) => expect((await ask(endpoint(), given)).status).toBe(status));
});

describe('a method that an endpoint does not know (RFC 9110 §15.5.6)', () => {
  const metadata = ['oauth-authorization-server', 'openid-configuration'].flatMap((name) => [
    `/.well-known/${name}`,
    `/.well-known/${name}/mcp`,
    `/mcp/.well-known/${name}`,
  ]);
  const rows = [
    ['/mcp/oauth/authorize', 'GET, POST', ['PUT', 'DELETE', 'PATCH']],
    ['/mcp/oauth/token', 'POST', ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']],
    ['/mcp/oauth/revoke', 'POST', ['GET', 'PUT', 'DELETE']],
    ['/mcp/oauth/introspect', 'POST', ['GET', 'PUT', 'DELETE']],
    ['/mcp/oauth/register', 'POST', ['GET', 'PUT', 'DELETE']],
    ['/mcp/oauth/register/dyn-any', 'PUT, GET, DELETE', ['POST', 'PATCH']],
    ['/mcp/oauth/jwks', 'GET', ['POST', 'DELETE']],
    ['/mcp/oauth/userinfo', 'GET, POST', ['PUT', 'DELETE']],
    ['/mcp/oauth/revocations', 'GET', ['POST']],
    ['/mcp/oauth/sign-out', 'GET', ['POST', 'DELETE']],
    ['/mcp/oauth/sign-out/confirm', 'POST', ['GET']],
    ['/mcp/oauth/sign-out/success', 'GET', ['POST']],
    ['/mcp/oauth/account', 'GET', ['DELETE']],
    ['/mcp/oauth/interaction/any', 'GET', ['POST', 'DELETE']],
    ['/mcp/oauth/authorize/any', 'GET', ['POST']],
    ['/healthz', 'GET', ['POST']],
    ...metadata.map((path) => [path, 'GET', ['POST', 'DELETE']] as const),
  ] as const;

  it.each(rows.flatMap(([path, allow, methods]) => methods.map((method) => ({ method, path, allow }))))(
    'is told of $path by $method',
    ({ method, path, allow }) => isRefused(method, path, allow),
  );

  it('is told of every endpoint that there is', async () => {
    const known = Map.groupBy(server.endpoints, ({ path }) => path.replace('/*', '').replaceAll(/:\w+/g, 'any'));
    expect(known.size).toBeGreaterThan(rows.length);
    for (const [path, those] of known) {
      const allowed = [...new Set(those.flatMap(({ methods }) => methods))];
      const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !allowed.includes(method));
      for (const method of others) await isRefused(method, path, allowed.join(', '));
    }
  });

  async function isRefused(method: string, path: string, allow: string): Promise<void> {
    const { status, headers } = await fetch(server.origin + path, { method, headers: { Accept: 'application/json' } });
    expect([method, path, status, headers.get('allow')]).toEqual([method, path, 405, allow]);
  }
});
