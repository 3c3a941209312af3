import { generateKeyPairSync } from 'node:crypto';
import { Redis } from 'ioredis';
import Provider, { type Configuration } from 'oidc-provider';
import { scope } from '../people.ts';
import { createCopiedAdapter } from './bare-adapter.ts';
import { createBarePages } from './bare-pages.ts';
import { redisUrl, serve } from './serve.ts';

/** oidc-provider as its users begin: its own configuration for comparable work, the adapter they copy, two plain pages. */
serve(async (origin) => {
  const resource = `${origin}/mcp`;
  const provider = new Provider(origin, createBareConfiguration(resource));
  provider.use(createBarePages(provider));
  return {
    listener: provider.callback(),
    endpoints: { register: `${origin}/reg`, authorize: `${origin}/auth`, token: `${origin}/token`, resource },
  };
});

function createBareConfiguration(resource: string): Configuration {
  return {
    adapter: createCopiedAdapter(new Redis(redisUrl, { keyPrefix: 'oidc:' })),
    jwks: { keys: [{ ...createSigningKey(), alg: 'ES256', use: 'sig' }] } as NonNullable<Configuration['jwks']>,
    cookies: { keys: ['a key of the benchmark, and of nothing else'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    findAccount: async (_ctx, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    responseTypes: ['code'],
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 600,
      Grant: 2_592_000,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 2_592_000,
      Session: 1_209_600,
    },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        defaultResource: () => resource,
        getResourceServerInfo: (_ctx, audience) => ({
          scope,
          audience,
          accessTokenTTL: 3600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}

function createSigningKey() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
}
