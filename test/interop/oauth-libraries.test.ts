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
const another = 'https://another.example';

describe.each(rows)('%s, on %s,', (_library, kind, create) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startLab({ env: kept.env }));

  const start = (options: Partial<AppOptions> = {}) =>
    create(new URL(server.issuer), { algorithm: 'oauth2', ...options });

  /** The person approves what the app asks for. */
  async function approved(app: OAuthApp, scope: string, parameters: Record<string, string> = {}) {
    const url = await app.authorizationUrl({ scope, resource: server.issuer, ...parameters });
    return createPerson(server.origin).approves(url);
  }

  describe.each(['oauth2', 'oidc'] as const)('by %s discovery', (algorithm) => {
    it('registers, is approved, calls the MCP server, renews, and ends the connection', async () => {
      const app = await start({ algorithm });
      const scope = 'organization:read project:read';
      const first = await app.redeem(await approved(app, scope));
      expect(first).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope });
      expect(first.id_token).toBeUndefined();
      const claims = await app.read(first.access_token, server.issuer);
      expect(claims).toMatchObject({ client_id: app.clientId, org_slug: 'acme', org_role: 'owner' });
      const answer = await fetch(server.issuer, whoamiRequest('2026-07-28', first.access_token));
      expect(await readWhoami(answer)).toMatchObject({ organization: { slug: 'acme' } });

      const second = await app.renew(first);
      expect(second.refresh_token).not.toBe(first.refresh_token);
      const { sub, grant_id } = claims;
      expect(await app.read(second.access_token, server.issuer)).toMatchObject({ sub, grant_id, scope });

      await app.revoke(second);
      await expect(app.renew(second)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    });

    it('signs a person in with openid: the ID token is signed, and names the person and the nonce', async () => {
      const app = await start({ algorithm });
      const tokens = await app.redeem(await approved(app, 'openid profile email project:read', { nonce }), { nonce });

      expect(decodeProtectedHeader(tokens.id_token ?? '')).toMatchObject({ alg: 'ES256' });
      const { sub, scope } = await app.read(tokens.access_token, server.issuer);
      expect(scope).toBe('project:read');
      expect(tokens.identity).toMatchObject({ sub, iss: server.issuer, aud: app.clientId, nonce });
      await app.renew(tokens);
    });

    it('finds a registered client again by its id', async () => {
      const { clientId: known } = await start({ algorithm });
      const app = await start({ algorithm, known });
      const { identity } = await app.redeem(await approved(app, 'openid project:read', { nonce }), { nonce });
      expect(identity).toMatchObject({ aud: known });
    });
  });

  it('refuses a callback that names another issuer, or none (RFC 9207 §2.4)', async () => {
    const app = await start();
    const callback = await approved(app, 'project:read');
    for (const iss of [another, undefined]) {
      callback.searchParams.delete('iss');
      if (iss) callback.searchParams.set('iss', iss);
      const error = await app.redeem(callback).catch((reason) => reason);
      expect(String(error.cause?.message ?? error)).toContain('"iss"');
    }
  });

  it('refuses an access token for another resource', async () => {
    const app = await start();
    const { access_token } = await app.redeem(await approved(app, 'project:read'));
    await expect(app.read(access_token, another)).rejects.toThrow('aud');
  });

  it('gets nothing for a code without its verifier (RFC 7636 §4.6)', async () => {
    const app = await start();
    const redemption = app.redeem(await approved(app, 'project:read'), { verifier: 'x'.repeat(43) });
    await expect(redemption).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('is told which error a code is answered with that was already redeemed (RFC 6749 §4.1.2)', async () => {
    const app = await start();
    const callback = await approved(app, 'project:read');
    await app.redeem(callback);
    await expect(app.redeem(callback)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
  });
});
