import { describe, expect, it } from '@jest/globals';
import { environmentSchema } from '../../src/config/environment.ts';
import { findMisspeltVariables, loadConfig } from '../../src/config/index.ts';
import { explanationOf } from '../../src/config/schema.ts';
import { errorOf, issuesOf, loadWith } from './refusal.ts';

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

const right = {
  NODE_ENV: 'production',
  ISSUER: 'https://auth.example.com/mcp',
  COOKIE_KEYS: 'mVxq0u9Zr4sT2yK8bN6cW1eJ5hL7pD3f',
  STORE_SECRET: 'Qd8vS3nB6mX1zL5kJ9hG4fD7sA2pO0iU',
  DEMO: '0',
};
const remedy = 'use a random value, e.g. the output of openssl rand -base64 32';

describe('production', () => {
  it('starts when every development default is replaced', () => {
    expect(loadWith(right)).toMatchObject({ production: true, demo: false, issuer: right.ISSUER });
    expect(loadWith({ ...right, DEMO: 'false' }).demo).toBe(false);
  });

  it('tells balancers for five seconds that it stops, unless it is told for how long (R118)', () => {
    expect(loadWith(right).shutdownDelay).toBe(5);
    expect(loadWith({ ...right, SHUTDOWN_DELAY: '0' }).shutdownDelay).toBe(0);
  });

  it('refuses every development default by name', () => {
    expect(errorOf({ NODE_ENV: 'production' }).message).toBe(
      [
        'This server cannot start: 4 settings need attention.',
        '  ISSUER        is missing: the public URL of this server, e.g. https://auth.example.com/mcp',
        '  COOKIE_KEYS   is missing: the keys that sign cookies, e.g. the output of openssl rand -base64 32',
        '  STORE_SECRET  is missing: the secret that keys the hashes and the encryption at rest, e.g. the output of openssl rand -base64 32',
        '  DEMO          is on by default; production refuses it: set DEMO=0',
      ].join('\n'),
    );
  });

  it.each(['ISSUER', 'COOKIE_KEYS', 'STORE_SECRET', 'DEMO'])('refuses an empty %s, too', (name) => {
    expect(issuesOf({ ...right, [name]: '' }).map(({ where }) => where)).toEqual([name]);
  });

  it.each(['1', 'true'])('refuses DEMO=%s', (demo) => {
    const sentence = 'is on; production refuses it: set DEMO=0';
    expect(issuesOf({ ...right, DEMO: demo })).toEqual([{ where: 'DEMO', sentence }]);
  });

  it('refuses a secret that is one character repeated', () => {
    const variables = { ...right, COOKIE_KEYS: `${right.COOKIE_KEYS},${'x'.repeat(40)}`, STORE_SECRET: '0'.repeat(32) };
    expect(issuesOf(variables)).toEqual([
      { where: 'COOKIE_KEYS', sentence: `key 2 is one character repeated: ${remedy}` },
      { where: 'STORE_SECRET', sentence: `is one character repeated: ${remedy}` },
    ]);
  });

  it('is what NODE_ENV=production says, and nothing else', () => {
    const weak = { COOKIE_KEYS: 'x'.repeat(32), STORE_SECRET: 'x'.repeat(32) };
    expect(loadWith({ ...weak, NODE_ENV: 'development' }).production).toBe(false);
    expect(loadWith({ ...weak, NODE_ENV: 'test' }).demo).toBe(true);
  });
});

describe('a variable that looks like one of ours', () => {
  it.each([
    ['REDIS_ULR', 'REDIS_URL'],
    ['REDIS_URI', 'REDIS_URL'],
    ['ISUER', 'ISSUER'],
    ['COOKIE_KEY', 'COOKIE_KEYS'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['STORE_SECERT', 'STORE_SECRET'],
    ['PROT', 'PORT'],
    ['port', 'PORT'],
  ])('is named: %s', (written, meant) => {
    expect(findMisspeltVariables({ [written]: 'secret' })).toEqual([
      { where: written, sentence: `is not a known variable; did you mean ${meant}?` },
    ]);
  });

  it.each(['POST', 'HOSTS', 'HOSTNAME', 'HOME', 'TERM', 'DATABASE_URL', 'REDIS_PORT', 'REDIS_HOST', 'NODE_OPTIONS'])(
    'is not taken for one when it is a name of somebody else: %s',
    (name) => {
      expect(findMisspeltVariables({ [name]: 'anything' })).toEqual([]);
    },
  );

  it.each(['HTTP_PROXY', 'http_proxy', 'https_proxy', 'FTP_PROXY', 'ALL_PROXY', 'no_proxy'])(
    'is not taken for one when it is of every machine behind a proxy: %s (R121)',
    (name) => {
      expect(findMisspeltVariables({ [name]: 'http://proxy:3128' })).toEqual([]);
    },
  );

  it('is nothing to name when it is empty, or when the right one is set as well', () => {
    expect(findMisspeltVariables({ REDIS_ULR: '', REDIS_URI: 'a', REDIS_URL: 'b' })).toEqual([]);
  });

  it('stops a start in production, and no other', () => {
    expect(loadConfig({ REDIS_ULR: 'redis://localhost' }).store.kind).toBe('sqlite');
    expect(issuesOf({ NODE_ENV: 'production', REDIS_ULR: 'redis://localhost' })).toContainEqual({
      where: 'REDIS_ULR',
      sentence: 'is not a known variable; did you mean REDIS_URL?',
    });
  });
});
