import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { OAuthClientInformationFullSchema } from '@modelcontextprotocol/sdk/shared/auth.js';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { connect } from '../support/connect.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

type Body = Record<string, unknown> & { redirect_uris: string[] };

const fixtures = JSON.parse(readFileSync(new URL('../fixtures/registrations.json', import.meta.url), 'utf8'));
const real: Record<string, Body> = fixtures.real;
const synthetic: Record<string, Body> = fixtures.synthetic;

/** What clients open the browser with, where that is not simply what they registered. */
const usedInstead: Record<string, readonly string[]> = {
  'ts-sdk-2': ['http://127.0.0.1:51234/callback'],
  'bkend-documented': ['http://localhost:51234/callback', 'http://127.0.0.1:3000/callback'],
  'inspector-2': ['http://localhost:6277/oauth/callback'],
  'mcp-remote': ['http://localhost:13335/oauth/callback', 'http://127.0.0.1:3335/oauth/callback'],
  vscode: ['http://127.0.0.1:60000/', 'http://127.0.0.1:60000', 'https://vscode.dev/redirect'],
  cursor: ['cursor://anysphere.cursor-mcp/oauth/callback', 'http://localhost:49152/callback'],
  'claude-code': ['http://localhost:51234/callback', 'http://127.0.0.1:51234/callback', 'http://[::1]:51234/callback'],
  codex: ['http://127.0.0.1:50001/callback/AbCdEfGhIjKl'],
  'gemini-cli': ['http://localhost:59999/oauth/callback'],
  zed: ['http://127.0.0.1:51235/callback'],
  'csharp-sdk': ['http://localhost:1180/callback'],
  opencode: ['http://127.0.0.1:19877/mcp/oauth/callback'],
  continue: ['http://localhost:3000', 'http://localhost:3000/'],
  turnstone: ['http://127.0.0.1:40001/cb'],
  'copilot-cli': ['http://127.0.0.1:60123'],
  'ipv6-loopback': ['http://localhost:7778/cb'],
  'empty-path': ['http://localhost:5000/', 'http://127.0.0.1:5001'],
};

const bodies = Object.entries({ ...real, ...synthetic });
const uses = bodies.flatMap(([client, body]) =>
  [...new Set([...body.redirect_uris, ...(usedInstead[client] ?? [])])].map((uri) => [client, uri, body] as const),
);

describe('the registration of', () => {
  const server = shared(startServer);
  const registered = shared(async () => {
    // A name that is left out is left out.
    const register = (body: Body) => registerClient(server.issuer, { client_name: undefined, ...body });
    const parties = bodies.map(async ([client, body]) => [client, await register(body)] as const);
    return { of: Object.fromEntries(await Promise.all(parties)) };
  });
  const registrationOf = (client: string) => registered.of[client]?.registration ?? {};

  it.each(bodies)('%s is answered by 201 with what the official client can read (R15, R24)', (client, body) => {
    const answer = registrationOf(client);

    expect(OAuthClientInformationFullSchema.safeParse(answer).error).toBeUndefined();
    expect(answer).toMatchObject({
      redirect_uris: body.redirect_uris,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_id_issued_at: expect.any(Number),
      token_endpoint_auth_method: expect.any(String),
      client_name: expect.any(String),
    });
  });

  it.each(bodies)('%s has nothing empty in its answer, and a secret only when it may use one (R6, R24)', (client) => {
    const answer = registrationOf(client);
    const isConfidential = answer.token_endpoint_auth_method !== 'none';

    expect(Object.values(answer).filter((value) => value === null || value === '')).toEqual([]);
    expect('client_secret' in answer).toBe(isConfidential);
    expect(answer.client_secret_expires_at).toBe(isConfidential ? 0 : undefined);
  });

  it.each(uses)('%s brings it to the sign-in page with %s (R37, R38, R39)', async (client, uri) => {
    const { url } = registered.of[client]?.authorizationRequest({ redirect_uri: uri }) ?? {};
    const page = await createPlainBrowser(server.origin).open(String(url));
    expect(page).toMatchObject({ status: 200, html: expect.stringContaining('/sign-in"') });
  });

  it.each([
    ['claude-ai', 'client_secret_post'],
    ['librechat', 'client_secret_basic'],
    ['unknown-auth-method', 'none'],
    ['null-auth-method', 'client_secret_post'],
    ['private-key-without-keys', 'none'],
    ['open-webui', 'client_secret_post'],
  ])('%s says %s of its way to authenticate (R22, R94)', (client, method) =>
    expect(registrationOf(client)).toHaveProperty('token_endpoint_auth_method', method),
  );

  it.each([
    ['cursor', 'native'],
    ['cursor-web', 'native'],
    ['cursor-web-three', 'native'],
    ['vscode', 'native'],
    ['claude-ai', 'web'],
    ['librechat', 'web'],
    ['reverse-domain-scheme', 'native'],
  ])('%s is that of a %s application, whatever it said (R18)', (client, type) =>
    expect(registrationOf(client)).toHaveProperty('application_type', type),
  );

  it.each([
    ['csharp-sdk', 'localhost'],
    ['name-missing', 'hosted.example.com'],
    ['claude-code', 'Claude Code (bkend)'],
    ['unicode-name', 'Outil d’équipe (β) 工具 🛠️‍♀️'],
  ])('%s has the name %s (R26)', (client, name) => expect(registrationOf(client)).toHaveProperty('client_name', name));

  it('mcp-remote keeps what tells its versions apart', () => {
    const { software_id, software_version } = real['mcp-remote'] as Body;
    expect(registrationOf('mcp-remote')).toMatchObject({ software_id, software_version });
  });

  const tools = ['zed', 'continue', 'cursor', 'claude-ai', 'librechat'];
  it.each(tools)('%s leads to tokens that renew (R17)', async (client) => {
    const { client: party, refreshToken } = await connect(server, { client: real[client] as Body });

    expect((await party.refresh(refreshToken)).status).toBe(200);
  });
});
