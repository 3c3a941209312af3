import { describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { createPerson } from '../support/person.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';
import { startLab } from './client-lab.ts';
import { type AppOptions, type CreateApp, createOpenidApp, createWebapiApp, type OAuthApp } from './generic-tools.ts';
import { readWhoami, whoamiRequest } from './whoami-by-hand.ts';

const libraries: readonly [string, CreateApp][] = [
  ['openid-client', createOpenidApp],
  ['oauth4webapi', createWebapiApp],
];
const stores = Object.keys(testStores) as TestStoreKind[];
const rows = libraries.flatMap(([name, create]) => stores.map((kind) => [name, kind, create] as const));
const nonce = 'a nonce that only this app knows';

describe.each(rows)('%s, on %s,', (_library, kind, create) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startLab({ env: kept.env }));

  const start = (algorithm: AppOptions['algorithm']) => create(new URL(server.issuer), { algorithm });

  /** The person approves what the app asks for. */
  async function approved(app: OAuthApp, scope: string, parameters: Record<string, string> = {}) {
    const url = await app.authorizationUrl({ scope, resource: server.issuer, ...parameters });
    return createPerson(server.origin).approves(url);
  }

  describe.each(['oauth2', 'oidc'] as const)('by %s discovery', (algorithm) => {
    it('registers, is approved, calls the MCP server, renews, and ends the connection', async () => {
      const app = await start(algorithm);
      const scope = 'organization:read project:read';
      const first = await app.redeem(await approved(app, scope));
      expect(first).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope });
      expect(first.id_token).toBeUndefined();
      const claims = await app.read(first.access_token);
      expect(claims).toMatchObject({ client_id: app.clientId, org_slug: 'acme', org_role: 'owner' });
      const answer = await fetch(server.issuer, whoamiRequest('2026-07-28', first.access_token));
      expect(await readWhoami(answer)).toMatchObject({ organization: { slug: 'acme' } });

      const second = await app.renew(first);
      expect(second.refresh_token).not.toBe(first.refresh_token);
      const { sub, grant_id } = claims;
      expect(await app.read(second.access_token)).toMatchObject({ sub, grant_id, scope });

      await app.revoke(second);
      await expect(app.renew(second)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    });

    it('signs a person in with openid: the ID token is signed, and names the person and the nonce', async () => {
      const app = await start(algorithm);
      const tokens = await app.redeem(await approved(app, 'openid profile email project:read', { nonce }), nonce);

      expect(decodeProtectedHeader(tokens.id_token ?? '')).toMatchObject({ alg: 'ES256' });
      const { sub, scope } = await app.read(tokens.access_token);
      expect(scope).toBe('project:read');
      expect(tokens.identity).toMatchObject({ sub, iss: server.issuer, aud: app.clientId, nonce });
      await app.renew(tokens);
    });
  });

  it('refuses a callback that names another issuer, or none (RFC 9207 §2.4)', async () => {
    const app = await start('oauth2');
    const callback = await approved(app, 'project:read');
    for (const iss of ['https://another.example', undefined]) {
      callback.searchParams.delete('iss');
      if (iss) callback.searchParams.set('iss', iss);
      const error = await app.redeem(callback).catch((reason) => reason);
      expect(String(error.cause?.message ?? error)).toContain('"iss"');
    }
  });
});
