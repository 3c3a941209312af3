import { createKeySet, verifyAccessToken } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { shared } from '../support/shared.ts';
import { CLAIMS, createIssuer, RESOURCE } from './issuer.ts';

const issuer = shared(createIssuer);
const own = shared(() => ({ keys: createKeySet({ issuer: issuer.url }) }));

const now = () => Math.floor(Date.now() / 1000);
const verify = (token: string, more: object = {}) =>
  verifyAccessToken(token, { issuer: issuer.url, resource: RESOURCE, ...own, ...more });
const isAda = async (token: string, more: object = {}) =>
  expect(await verify(token, more)).toMatchObject({ accountId: 'account-ada' });
const isRefused = (token: string, more: object = {}, code = 'TOKEN_INVALID') =>
  expect(verify(token, more)).rejects.toMatchObject({ name: 'GatewayError', code });
/** For whoever signs for themselves. */
const goodClaims = () => ({ ...CLAIMS, iss: issuer.url, aud: RESOURCE, iat: now(), exp: now() + 60 });
const base64url = (text: string) => Buffer.from(text).toString('base64url');

describe('a verified access token', () => {
  it('says who, for which organization, with which scopes, for how long', async () => {
    const token = await issuer.sign({ iat: 1700000000, exp: 4102444800 });
    const known = {
      accountId: 'account-ada',
      organizationId: 'org-1',
      organizationSlug: 'acme',
      organizationRole: 'owner',
      connectionId: 'connection-1',
      tokenId: 'token-1',
    };
    expect(await verify(token)).toEqual({
      token,
      clientId: 'dyn-editor',
      scopes: ['organization:read', 'project:read'],
      issuedAt: 1700000000,
      expiresAt: 4102444800,
      resource: new URL(RESOURCE),
      resourceMetadataUrl: 'https://gateway.example/.well-known/oauth-protected-resource/mcp',
      ...known,
      claims: expect.objectContaining({ sub: 'account-ada', org_id: 'org-1', exp: 4102444800 }),
      extra: known,
    });
  });

  it('has no scopes when the claim is absent', async () => {
    expect(await verify(await issuer.sign({ scope: undefined }))).toMatchObject({ scopes: [] });
  });
});

describe('an access token is accepted', () => {
  it.each<[string, object, object]>([
    ['with typ at+jwt (RFC 9068 §2.1)', {}, { typ: 'at+jwt' }],
    ['with typ application/at+jwt', {}, { typ: 'application/at+jwt' }],
    ['for several resources, when this is one of them', { aud: ['https://other.example', RESOURCE] }, {}],
    ['with its audience in capitals', { aud: 'HTTPS://GATEWAY.example/mcp' }, {}],
    ['with its audience at the default port', { aud: 'https://gateway.example:443/mcp' }, {}],
  ])('%s', async (_name, claims, header) => isAda(await issuer.sign({ ...claims }, { ...header })));

  it('with an empty path for a slash', async () => {
    await isAda(await issuer.sign({ aud: 'https://gateway.example/' }), { resource: 'https://gateway.example' });
  });

  it('just after its end, when the clocks may differ', async () => {
    await isAda(await issuer.sign({ exp: now() - 30 }), { clockToleranceSeconds: 60 });
  });

  it('a moment after its end unless told, when its client may still count on it', async () => {
    const token = await issuer.sign({ exp: now() - 1 });
    await isAda(token);
    await isRefused(token, { clockToleranceSeconds: 0 }, 'TOKEN_EXPIRED');
  });
});

describe('an access token is refused', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['as an ID token or any other JWT (RFC 9068 §4)', {}, { typ: 'JWT' }],
    ['without a typ', {}, { typ: undefined }],
    ['of another issuer', { iss: 'https://evil.example/mcp' }, {}],
    ['for another host', { aud: 'https://other.example/mcp' }, {}],
    ['for another path of the host', { aud: 'https://gateway.example/b/mcp' }, {}],
    ['for a path below', { aud: 'https://gateway.example/mcp/admin' }, {}],
    ['for the path with a slash', { aud: 'https://gateway.example/mcp/' }, {}],
    ['for the path in another case', { aud: 'https://gateway.example/MCP' }, {}],
    ['for another port', { aud: 'https://gateway.example:8443/mcp' }, {}],
    ['for another scheme', { aud: 'http://gateway.example/mcp' }, {}],
    ['for the resource with a query', { aud: 'https://gateway.example/mcp?a=1' }, {}],
    ['for the resource with a fragment', { aud: 'https://gateway.example/mcp#a' }, {}],
    ['for its client', { aud: 'dyn-editor' }, {}],
    ['for nobody', { aud: undefined }, {}],
    ['for an empty list', { aud: [] }, {}],
    ['without an end', { exp: undefined }, {}],
    ['before its time', { nbf: 4102444800 }, {}],
    ['without an account', { sub: undefined }, {}],
    ['without a client', { client_id: undefined }, {}],
    ['without a connection', { grant_id: undefined }, {}],
    ['without an organization', { org_id: undefined }, {}],
    ['with an empty organization', { org_id: '' }, {}],
    ['with an organization that is no text', { org_id: 7 }, {}],
    ['with scopes that are no text', { scope: ['project:read'] }, {}],
  ])('%s', async (_name, claims, header) => isRefused(await issuer.sign(claims, header)));

  it('of the issuer with a slash more', async () => isRefused(await issuer.sign({ iss: `${issuer.url}/` })));

  it('after its end, and says so', async () => isRefused(await issuer.sign({ exp: now() - 30 }), {}, 'TOKEN_EXPIRED'));

  it('when it was changed', async () => {
    const [header, , signature] = (await issuer.sign()).split('.');
    const changed = base64url(JSON.stringify({ ...goodClaims(), org_id: 'org-2' }));
    await isRefused(`${header}.${changed}.${signature}`);
  });

  it('without a signature (alg none)', async () => {
    const [, payload] = new UnsecuredJWT(goodClaims()).encode().split('.');
    await isRefused(`${base64url('{"alg":"none","typ":"at+jwt"}')}.${payload}.`);
  });

  it('when the public key was used as a secret (RFC 8725 §2.1)', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(issuer.publicKey()));
    const token = await new SignJWT(goodClaims())
      .setProtectedHeader({ alg: 'HS256', kid: issuer.publicKey().kid as string, typ: 'at+jwt' })
      .sign(secret);
    await isRefused(token);
  });

  it('when it brings its own key (RFC 7515 §4.1.3)', async () => {
    await using other = await createIssuer();
    await isRefused(await other.sign({ iss: issuer.url }, { jwk: other.publicKey() }));
  });

  it('with an algorithm that this gateway does not want', async () => {
    const token = await issuer.sign();
    await isRefused(token, { algorithms: ['RS256'] });
    await isAda(token, { algorithms: ['ES256'] });
  });

  it.each(['', 'a', 'a.b', 'a.b.c', '...', 'opaque-token', '\u0000.\u0000.\u0000'])('when it is no JWT: %j', (token) =>
    isRefused(token),
  );

  it('with a reason for the log that does not contain it', async () => {
    const token = await issuer.sign({ aud: 'https://other.example/mcp' });
    const error = await verify(token).catch((reason: Error) => reason);
    expect(String(error)).toContain('https://other.example/mcp');
    expect(String(error)).not.toContain(token.split('.')[2]);
  });
});
