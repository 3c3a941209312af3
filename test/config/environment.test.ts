import { describe, expect, it } from '@jest/globals';
import { environmentSchema } from '../../src/config/environment.ts';
import { explanationOf } from '../../src/config/schema.ts';
import { issuesOf, loadWith } from './refusal.ts';

const key = 'a-cookie-key-of-32-characters-xx';
const host = 'must be a host name or an IP address, without scheme, port or brackets';
const port = 'must be a whole number from 0 to 65535';
const network = 'must be an IP address or a network such as 10.0.0.0/8';

describe('an environment without any variable', () => {
  it('is enough for development', () => {
    const { policy: _policy, ...settings } = loadWith({});
    expect(settings).toEqual({
      production: false,
      host: '127.0.0.1',
      port: 3000,
      issuer: undefined,
      store: { kind: 'sqlite', file: 'data/auth.db' },
      storeSecrets: undefined,
      cookieKeys: undefined,
      signingKeysFile: undefined,
      trustedProxies: [],
      egressProxy: undefined,
      demo: true,
      shutdownDelay: 0,
      metricsPort: undefined,
      keepAliveTimeout: 65,
      logLevel: 'info',
      policyFile: 'config/auth.json',
    });
  });

  it('is the same as one whose variables are all empty', () => {
    const empty = Object.fromEntries(Object.keys(environmentSchema.shape).map((name) => [name, '']));
    expect(loadWith(empty)).toEqual(loadWith({}));
  });
});

describe('a variable', () => {
  it.each([
    ['HOST', '0.0.0.0', { host: '0.0.0.0' }],
    ['HOST', '::1', { host: '::1' }],
    ['HOST', 'auth.internal', { host: 'auth.internal' }],
    ['PORT', '0', { port: 0 }],
    ['PORT', '65535', { port: 65_535 }],
    ['NODE_ENV', 'staging', { production: false }],
    ['DATABASE', ':memory:', { store: { kind: 'sqlite', file: ':memory:' } }],
    ['COOKIE_KEYS', `${key}, ${key}2`, { cookieKeys: [key, `${key}2`] }],
    ['SIGNING_KEYS_FILE', '/run/keys.json', { signingKeysFile: '/run/keys.json' }],
    ['STORE_SECRET', key, { storeSecrets: [key] }],
    ['STORE_SECRET', `${key} `, { storeSecrets: [`${key} `] }],
    ['STORE_SECRET', `${key}, ${key}2`, { storeSecrets: [key, `${key}2`] }],
    ['TRUSTED_PROXIES', '10.0.0.0/8, ::1,fd00::/8', { trustedProxies: ['10.0.0.0/8', '::1', 'fd00::/8'] }],
    ['DEMO', '0', { demo: false }],
    ['DEMO', 'false', { demo: false }],
    ['DEMO', '1', { demo: true }],
    ['DEMO', 'true', { demo: true }],
    ['LOG_LEVEL', 'silent', { logLevel: 'silent' }],
  ])('%s=%s is understood', (name, value, expected) => {
    expect(loadWith({ [name]: value })).toMatchObject(expected);
  });

  it.each([
    ['HOST', 'http://localhost', host],
    ['HOST', 'localhost:3000', host],
    ['HOST', '[::1]', host],
    ['PORT', '65536', port],
    ['PORT', '-1', port],
    ['PORT', '80.5', port],
    ['PORT', '0x50', port],
    ['PORT', ' ', port],
    ['COOKIE_KEYS', 'short', 'must hold at least one key of 32 characters or more'],
    ['COOKIE_KEYS', ',', 'must hold at least one key of 32 characters or more'],
    ['COOKIE_KEYS', `${key},short`, 'key 2 must have 32 characters or more'],
    ['STORE_SECRET', key.slice(1), 'must have 32 characters or more'],
    ['STORE_SECRET', `${key},short`, 'secret 2 must have 32 characters or more'],
    ['TRUSTED_PROXIES', '10.0.0.1,proxy.internal', `entry 2 ${network}`],
    ['TRUSTED_PROXIES', '10.0.0.0/33', `entry 1 ${network}`],
    ['TRUSTED_PROXIES', '::1/129', `entry 1 ${network}`],
    ['TRUSTED_PROXIES', '10.0.0.0/', `entry 1 ${network}`],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8', `entry 1 ${network}`],
    ['DEMO', 'yes', 'must be 1 or 0'],
    ['LOG_LEVEL', 'loud', 'must be one of fatal, error, warn, info, debug, trace, silent'],
    ['NODE_ENV', 'Production', 'must be written production, in lower case and without blanks'],
    ['NODE_ENV', 'production ', 'must be written production, in lower case and without blanks'],
  ])('%s=%s is refused', (name, value, sentence) => {
    expect(issuesOf({ [name]: value })).toEqual([{ where: name, sentence }]);
  });

  it.each(Object.entries(environmentSchema.shape))(
    '%s is described, with an example that it accepts',
    (_name, field) => {
      const { description, example } = explanationOf(field);
      expect(description).not.toBe('');
      expect(field.safeParse(example ?? null).error).toBeUndefined();
    },
  );
});
