import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import { createServerWithAdapter } from '../../examples/plugin/adapter.ts';
import { createServerWithPlugin } from '../../examples/plugin/server.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { moveClock, startClock, stopClock } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { startHost } from '../support/plugin-host.ts';

const redirectUri = 'http://127.0.0.1:8765/callback';
const intranet = { client_id: 'intranet', client_secret: 'a secret of yours' };
const lifetimes = { AccessToken: 3600, AuthorizationCode: 60, Grant: 86_400, IdToken: 3600, Interaction: 3600 };

type Answer = Record<'refresh_token' | 'scope' | 'error' | 'client_id' | 'client_secret', string>;

/** A host that has its own accounts, pages and grants, and of ours only the adapter. */
async function startAdapterHost() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const more = {
    // What oidc-provider would otherwise warn about.
    jwks: { keys: [await exportJWK(privateKey)] },
    ttl: { ...lifetimes, Session: 86_400, RefreshToken: 86_400 },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      revocation: { enabled: true, allowedPolicy: async () => true },
    },
  } as Configuration;
  const host = await startHost(createServerWithAdapter, more, '');

  async function post(path: string, fields: Record<string, string>) {
    const { client_id: id, client_secret: secret, ...rest } = { ...intranet, ...fields };
    const Authorization = `Basic ${btoa([id, secret].map((each) => encodeURIComponent(each)).join(':'))}`;
    const body = new URLSearchParams(rest);
    const answer = await fetch(host.origin + path, { method: 'POST', headers: { Authorization }, body });
    return { status: answer.status, body: (await answer.json().catch(() => ({}))) as Answer };
  }

  /** What redeems a code that somebody just approved. */
  async function authorize(client = intranet) {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: client.client_id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: redirectUri,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const { url } = await createPlainBrowser(host.origin).open(`/auth?${query}`);
    const code = url.searchParams.get('code') ?? '';
    return { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier, ...client };
  }
  const refresh = (token: string) => post('/token', { grant_type: 'refresh_token', refresh_token: token });
  return Object.assign(host, { post, authorize, refresh });
}

describe('our adapter alone, in a configuration with its own pages', () => {
  beforeEach(stopClock);
  afterEach(startClock);

  it('redeems a code of a grant that the host made', async () => {
    await using host = await startAdapterHost();
    const answer = await host.post('/token', await host.authorize());
    expect(answer).toMatchObject({ status: 200, body: { scope: 'openid', refresh_token: expect.any(String) } });
  });

  it('redeems a code once, under twenty parallel requests (decision 5)', async () => {
    await using host = await startAdapterHost();
    const code = await host.authorize();
    const answers = await Promise.all(Array.from({ length: 20 }, () => host.post('/token', code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_grant')).toHaveLength(19);
  });

  it('gives parallel refreshes within the grace one successor (decision 6)', async () => {
    await using host = await startAdapterHost();
    const { body } = await host.post('/token', await host.authorize());
    const answers = await Promise.all(Array.from({ length: 20 }, () => host.refresh(body.refresh_token)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map((answer) => answer.body.refresh_token)).size).toBe(1);
  });

  it('ends the grant when a refresh token comes back after the grace', async () => {
    await using host = await startAdapterHost();
    const { body } = await host.post('/token', await host.authorize());
    const successor = (await host.refresh(body.refresh_token)).body.refresh_token;
    moveClock(61);
    for (const token of [body.refresh_token, successor]) {
      expect(await host.refresh(token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    }
  });

  it('refuses a token whose grant was revoked', async () => {
    await using host = await startAdapterHost();
    const { body } = await host.post('/token', await host.authorize());
    expect(await host.post('/token/revocation', { token: body.refresh_token })).toMatchObject({ status: 200 });
    expect(await host.refresh(body.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('knows registered clients by the secret that the host made, and keeps it encrypted (decision 4)', async () => {
    await using host = await startAdapterHost();
    const response = await fetch(`${host.origin}/reg`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [redirectUri] }),
    });
    const { client_id, client_secret } = (await response.json()) as Answer;
    const answer = await host.post('/token', await host.authorize({ client_id, client_secret }));
    expect(answer).toMatchObject({ status: 200 });
    const kept = await host.plugin.store.read(`client:{${client_id}}`);
    expect(kept?.value).toContain('client_secret');
    expect(kept?.value).not.toContain(client_secret.slice(0, 22));
  });
});

describe('the adapter for other configurations, under ours', () => {
  it('opens nothing: without a connection there is no token (decision 9)', async () => {
    const mistaken: typeof createServerWithPlugin = async (settings) => {
      const { http, plugin } = await createServerWithPlugin(settings);
      const provider = new Provider(plugin.issuer, { ...plugin.configuration(), adapter: plugin.adapter });
      plugin.install(provider);
      http.removeAllListeners('request').on('request', provider.callback());
      return { http, plugin, provider };
    };
    await using host = await startHost(mistaken);
    await expect(connect(host)).rejects.toThrow('invalid_target');
  });
});
