import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { redirectUri, registerClient, type TokenAnswer } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);
const person = shared(() => createPerson(server.origin));
const client = shared(() => registerClient(server.issuer));

/** Sent back to the client without a page. */
async function expectInvalidTarget({ url, state }: { url: URL; state: string }, at = server) {
  const { url: restsAt } = await createPerson(at.origin).browser.open(url.href);
  expect(restsAt.origin + restsAt.pathname).toBe(redirectUri);
  const answer = Object.fromEntries(restsAt.searchParams);
  expect(answer).toMatchObject({ error: 'invalid_target', state, iss: at.issuer });
  return String(answer.error_description);
}
const claimsOf = ({ body }: TokenAnswer) => decodeJwt(body.access_token ?? '');

const unknown = 'https://elsewhere.example/mcp';

/** The same resource, as clients spell it (R41, RFC 3986 §6.2). */
const spellings: readonly (readonly [string, (resource: string) => string])[] = [
  ['as it is', (resource) => resource],
  ['with an upper-case scheme', (resource) => resource.replace('http', 'HTTP')],
  ['with an upper-case host', (resource) => resource.replace('localhost', 'LocalHost')],
  ['with blanks around it', (resource) => ` ${resource} `],
  ['with a dot segment', (resource) => resource.replace('/mcp', '/./mcp')],
  ['with a slash at the end (R93)', (resource) => `${resource}/`],
  ['with a query (R93)', (resource) => `${resource}?kb_name=test`],
  ['with a slash and a query (R93)', (resource) => `${resource}/?read_only=true`],
  ['with 127.0.0.1 (R102)', (resource) => resource.replace('localhost', '127.0.0.1')],
  ['with [::1] and a query (R102)', (resource) => `${resource.replace('localhost', '[::1]')}?a=b`],
];

/** What is close, but another resource (RFC 8707 §2). */
const others: readonly (readonly [string, (resource: string) => string])[] = [
  ['another path', (resource) => `${resource}/more`],
  ['two slashes at the end of a path', (resource) => `${resource}//`],
  ['another case of the path', (resource) => resource.replace('/mcp', '/MCP')],
  ['a fragment', (resource) => `${resource}#part`],
  ['another path and a query', (resource) => `${resource}/more?tenant=1`],
  ['another port', (resource) => resource.replace(/:\d+/, ':1')],
  ['no URI', () => 'mcp'],
  ['an unknown one', () => unknown],
];

describe('the resource of an authorization request', () => {
  const expectOurs = async (resource: string | undefined) =>
    expect((await connect(server, { request: { resource } })).claims.aud).toBe(server.issuer);

  it('is the only one when none is named (R42)', () => expectOurs(undefined));

  it.each<[string, (resource: string) => string[]]>([
    ['an empty one is named', () => ['']],
    ['it is named twice, in two spellings', (resource) => [resource, `${resource}/?a=b`]],
    ['it is named beside an empty one', (resource) => ['', resource]],
  ])('is the only one when %s', async (_name, sent) => {
    const { url, verifier } = client.authorizationRequest();
    for (const each of sent(server.issuer)) url.searchParams.append('resource', each);
    const answer = await client.exchange(await person.approves(url), verifier);
    expect(claimsOf(answer).aud).toBe(server.issuer);
  });

  it.each(spellings)('may be spelled %s, and the token names it canonically (R41)', (_name, spell) =>
    expectOurs(spell(server.issuer)),
  );

  it('of an issuer without a path may end in a slash (R41)', async () => {
    await using bare = await startServer({ path: '' });
    const { claims } = await connect(bare, { request: { resource: `${bare.origin}/` } });
    expect(claims.aud).toBe(bare.origin);
  });

  it.each(others)(
    'with %s is refused by redirect, and the client is told which is right (RFC 8707 §2, R43)',
    (_name, spell) => expectInvalidTarget(client.authorizationRequest({ resource: spell(server.issuer) })),
  );

  it('that is unknown is answered with the value that is accepted (R43)', async () =>
    expect(await expectInvalidTarget(client.authorizationRequest({ resource: unknown }))).toContain(server.issuer));
});

describe('the resource of a token request', () => {
  const approved = () => approve(client, person, { resource: server.issuer, scope: 'project:read' });

  it.each(spellings)('may be spelled %s (R41, R62)', async (_name, spell) => {
    const resource = spell(server.issuer);
    const first = await (await approved()).redeem({ resource });
    const second = await client.refresh(first.body.refresh_token ?? '', { resource });
    for (const answer of [first, second]) expect(claimsOf(answer).aud).toBe(server.issuer);
  });

  it.each(others)('with %s costs the client nothing (R62, R68)', async (_name, spell) => {
    const { redeem } = await approved();
    const resource = spell(server.issuer);

    expect((await redeem({ resource })).body.error).toBe('invalid_target');
    const { status, body } = await redeem();
    expect(status).toBe(200);
    const refreshToken = body.refresh_token ?? '';
    expect((await client.refresh(refreshToken, { resource })).body.error).toBe('invalid_target');
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('is the approved one when none is named (RFC 8707 §2.2)', async () =>
    expect(claimsOf(await (await approved()).redeem()).aud).toBe(server.issuer));
});

describe('a server of two resources', () => {
  const files = 'https://files.example/mcp';
  const mail = 'https://mail.example';
  const scopesOf = (subject: string) => [
    { name: `${subject}:read`, group: subject, sentence: `See the ${subject}` },
    { name: `${subject}:delete`, group: subject, sentence: `Delete the ${subject}` },
  ];
  const resources = [
    { uri: files, name: 'Files', defaultScopes: ['*:read'], scopes: scopesOf('file') },
    { uri: mail, name: 'Mail', defaultScopes: ['*:read'], scopes: scopesOf('letter') },
  ];
  const two = shared(() => startServer({ policy: { resources } }));
  const tool = shared(() => registerClient(two.issuer));

  it('asks for one of them, by redirect (RFC 8707 §2, R42)', async () => {
    const told = await expectInvalidTarget(tool.authorizationRequest({ resource: undefined }), two);
    for (const uri of [files, mail]) expect(told).toContain(uri);
  });

  it.each([
    [files, files, 'file:read file:delete'],
    ['https://FILES.example:443/mcp', files, 'file:read file:delete'],
    [mail, mail, 'letter:read letter:delete'],
    [`${mail}/`, mail, 'letter:read letter:delete'],
  ])('issues a token for %s for that one only', async (resource, aud, scope) => {
    const { answer, client: another, refreshToken } = await connect(two, { request: { resource, scope: '*:*' } });
    for (const each of [answer, await another.refresh(refreshToken)])
      expect(claimsOf(each)).toMatchObject({ aud, scope });
  });

  it('does not mix the scopes of one with those of the other', async () => {
    const { claims } = await connect(two, { request: { resource: files, scope: 'file:read letter:read' } });
    expect(claims.scope).toBe('file:read');
  });

  it('does not let a token request change the resource, and the code stays good (RFC 8707 §2.2, R84)', async () => {
    const { redeem } = await approve(tool, createPerson(two.origin), { resource: files });
    expect((await redeem({ resource: mail })).body.error).toBe('invalid_target');
    expect((await redeem({ resource: files })).status).toBe(200);
  });

  it('refuses a request for both: a connection is for one resource (R84)', async () => {
    const request = tool.authorizationRequest({ resource: files });
    request.url.searchParams.append('resource', mail);
    await expectInvalidTarget(request, two);
  });
});
