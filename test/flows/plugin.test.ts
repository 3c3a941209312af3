import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import Keygrip from 'keygrip';
import type { Configuration } from 'oidc-provider';
import { createServerWithPlugin } from '../../examples/plugin/server.ts';
import { createPlugin, loadConfig } from '../../src/index.ts';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { startHost } from '../support/plugin-host.ts';
import { sendRaw } from '../support/raw-request.ts';
import { relyingParty } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';

const redirect_uris = ['https://intranet.example/cb'];
const intranet = { client_id: 'intranet', client_secret: 'a secret of yours', redirect_uris };
const metadataPath = '/.well-known/openid-configuration';

describe('the plugin in an oidc-provider of one’s own', () => {
  const start = (more?: Configuration) => startHost(createServerWithPlugin, more);
  /** As the example has it; where nothing of the host's is changed, one is enough. */
  const server = shared(() => start());
  const metadataOf = async ({ origin }: { origin: string }) => (await fetch(origin + metadataPath)).json();

  it('connects a person to a tool, with the organization in the first token', async () => {
    const heard: string[] = [];
    server.plugin.events.subscribe(({ event }) => heard.push(event));
    const { claims } = await connect(server, { request: { resource: server.issuer, scope: 'project:read' } });
    expect(claims).toMatchObject({ org_slug: 'acme', scope: 'project:read' });
    expect(heard).toContain('consent');
    await expect(server.plugin.ping()).resolves.toBeUndefined();
  });

  it('keeps what the host had: clients, what they say of themselves, parameters and features', async () => {
    await using server = await start({ clients: [{ ...intranet, department: 'sales' }], extraParams: ['tenant'] });
    const body = new URLSearchParams({ tenant: 'x', password: 'y' });
    const posted = await fetch(`${server.issuer}/oauth/authorize`, { method: 'POST', body, redirect: 'manual' });
    expect(posted.headers.get('location')).toBe('/mcp/oauth/authorize?tenant=x');
    expect(await metadataOf(server)).toMatchObject({ backchannel_logout_supported: true, issuer: server.issuer });
    expect((await relyingParty(server.issuer, intranet).refresh('none')).body.error).toBe('invalid_grant');
    expect(await server.provider.Client.find('intranet')).toMatchObject({ department: 'sales' });
  });

  it('keeps what the host changed of a refresh token that it found and saved again', async () => {
    const request = { resource: server.issuer, scope: 'project:read project:create' };
    const { client, refreshToken } = await connect(server, { request });
    const found = await server.provider.RefreshToken.find(refreshToken);
    if (!found) throw new Error('it was not found');
    found.scope = 'project:read';
    expect(await found.save()).toBe(refreshToken);

    const renewed = await client.refresh(refreshToken);
    expect(renewed.body.scope).toBe('project:read');
    expect((await client.refresh(renewed.body.refresh_token ?? '')).body.scope).toBe('project:read');
  });

  it('keeps the keys of the host behind its own, so that what they signed still verifies', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(privateKey)), kid: 'theirs', alg: 'ES256', use: 'sig' }] };
    await using server = await start({ jwks, cookies: { keys: ['theirs'] } } as Configuration);

    const published = (await (await fetch(`${server.issuer}/oauth/jwks`)).json()) as { keys: { kid: string }[] };
    expect(published.keys.map(({ kid }) => kid)).toEqual([expect.any(String), 'theirs']);
    expect(JSON.stringify(published)).not.toContain('"d"');
    const { accessToken } = await connect(server);
    expect(Buffer.from(accessToken.split('.')[0] ?? '', 'base64url').toString()).not.toContain('theirs');
    const { keys } = server.provider as unknown as { keys: Keygrip };
    expect(keys.index('a=b', new Keygrip(['theirs']).sign('a=b'))).toBe(1);
    expect(keys.index('a=b', keys.sign('a=b'))).toBe(0);
  });

  it('decides what it is for, whatever the host had', async () => {
    const ours = { response_types_supported: ['code'], registration_endpoint: `${server.issuer}/oauth/register` };
    expect(await metadataOf(server)).toMatchObject(ours);
  });

  it('says the same at every address of its metadata, whoever asks under whatever name', async () => {
    const expected = await metadataOf(server);
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' };
    for (const path of [metadataPath, '/.well-known/oauth-authorization-server/mcp', `/mcp${metadataPath}`])
      expect(JSON.parse((await sendRaw(server.origin, { path, headers })).body)).toEqual(expected);
  });

  it('gives two refreshes within the grace the same successor', async () => {
    const { client, refreshToken } = await connect(server);
    const [first, second] = [await client.refresh(refreshToken), await client.refresh(refreshToken)];
    expect(first).toMatchObject({ status: 200, body: { refresh_token: second.body.refresh_token } });
  });

  it('takes a refresh that names more than was granted for one that names what was (R69)', async () => {
    const { client, refreshToken } = await connect(server, { request: { scope: 'project:read' } });
    const { status, body } = await client.refresh(refreshToken, { scope: 'project:read project:delete' });
    expect([status, body.scope]).toEqual([200, 'project:read']);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('knows a loopback redirect by any of its names (R38)', async () => {
    const { client } = await connect(server, { client: { redirect_uris: ['http://localhost:1111/callback'] } });
    const { url } = client.authorizationRequest({ redirect_uri: 'http://127.0.0.1:2222/callback' });
    expect((await createPerson(server.origin).browser.open(url.href)).status).toBe(200);
  });

  it('leads from the consent page to the connections', async () => {
    const { person } = await connect(server);
    const shown = { status: 200, html: expect.stringContaining('A tool') };
    expect(await person.browser.open('/mcp/oauth/account')).toMatchObject(shown);
  });

  it('grants the scopes of the catalogue, not others that the host has', async () => {
    await using server = await start({ scopes: ['reports'], clients: [intranet] });
    const client = relyingParty(server.issuer, intranet);
    const ask = async (scope: string) => {
      const { callback, redeem } = await approve(client, createPerson(server.origin), { scope });
      return { ...(await redeem()).body, error: callback.searchParams.get('error') };
    };
    // Unknown to the catalogue, so the defaults of the resource (R101).
    for (const scope of ['reports', 'openid reports']) {
      const answer = await ask(scope);
      expect(answer).toMatchObject({ error: null, scope: expect.stringMatching(/^organization:read project:read /) });
      expect(answer.scope).not.toContain('reports');
    }
  });

  it('issues no token for a resource of ours that no person approved', async () => {
    const service = { ...intranet, grant_types: ['authorization_code', 'client_credentials'] };
    await using server = await start({ clients: [service], features: { clientCredentials: { enabled: true } } });
    const client = relyingParty(server.issuer, service);
    for (const asked of [{}, { scope: 'project:delete' }, { resource: server.issuer, scope: '*:*' }]) {
      const answer = await client.post('token', { grant_type: 'client_credentials', ...asked } as never);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    }
  });

  it('does not offer flows that our pages could not end', async () => {
    await using server = await start({ features: { deviceFlow: { enabled: true } } });
    expect(await metadataOf(server)).not.toHaveProperty('device_authorization_endpoint');
  });
});

const [introduction = '', configuration = ''] = readFileSync('examples/plugin/README.md', 'utf8').split(/^## /m);
const namesIn = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);
/** The cells of each row. */
const rowsOf = (section: string, heading: string) => {
  const table = section.slice(section.indexOf(`| ${heading} |`));
  const rows = table.slice(0, `${table}\n\n`.indexOf('\n\n')).trim().split('\n').slice(2);
  return rows.map((row) => row.split('|').map((cell) => cell.trim()));
};

describe('the documentation of the plugin', () => {
  const settings = { DATABASE: ':memory:', STORE_SECRET: 'a secret that only tests may know', LOG_LEVEL: 'silent' };
  const plugin = shared(() => createPlugin(loadConfig(settings)));

  it('names everything that a plugin has, and that is little', () => {
    const told = [...introduction.matchAll(/\bplugin\.(\w+)|`(\w+)(?:\(\))?`/g)].map(
      ([, used, named]) => used ?? named,
    );
    expect([...new Set(told)].filter((name) => name !== 'loadConfig').sort()).toEqual(Object.keys(plugin).sort());
  });

  it('says of every option that we decide what becomes of the host’s', () => {
    const options = rowsOf(configuration, 'option').flatMap(([, names = '']) => namesIn(names));
    expect(options.sort()).toEqual(Object.keys(plugin.configuration()).sort());
  });

  it('names every feature that we decide', () => {
    const row = configuration.split('\n').find((line) => line.startsWith('| `features` |')) ?? '';
    expect(namesIn(row).sort()).toEqual(['features', ...Object.keys(plugin.configuration().features ?? {})].sort());
  });
});
