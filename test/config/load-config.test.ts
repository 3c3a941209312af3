import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from '../../src/config/index.ts';
import { errorOf, fileIssuesOf, loadWith, policyFile, resource } from './refusal.ts';

function isFrozenDeeply(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozenDeeply);
}

describe('a configuration', () => {
  it('is frozen in all its depth', () => {
    const client = { client_id: 'tool', redirect_uris: [], jwks: { keys: [{ kty: 'EC' }] } };
    const config = loadWith({ REDIS_CLUSTER_NODES: 'a:1', TRUSTED_PROXIES: '::1' }, policyFile({ clients: [client] }));
    expect(isFrozenDeeply(config)).toBe(true);
  });

  it('is read from the file that CONFIG_FILE names', () => {
    const seen: string[] = [];
    loadConfig({ CONFIG_FILE: '/etc/auth.json' }, (path) => {
      seen.push(path);
      return JSON.stringify(policyFile());
    });
    expect(seen).toEqual(['/etc/auth.json']);
  });

  it('is refused when its file cannot be read', () => {
    expect(() => loadConfig({ CONFIG_FILE: '/nowhere/auth.json' })).toThrow(
      new ConfigError([{ where: 'CONFIG_FILE', sentence: 'names a file that cannot be read: /nowhere/auth.json' }]),
    );
  });

  describe('without CONFIG_FILE, where no file is at the usual place', () => {
    const nothingThere = (path: string) =>
      readFileSync(path === 'config/auth.json' ? '/nowhere/auth.json' : path, 'utf8');
    const read = (variables: Record<string, string>) => loadConfig(variables, nothingThere);

    it('is the shipped one in development', () => {
      expect(read({}).policy).toEqual(loadConfig({}).policy);
    });

    it('is refused when it is named all the same', () => {
      expect(() => read({ CONFIG_FILE: 'config/auth.json' })).toThrow('CONFIG_FILE  names a file that cannot be read');
    });

    it('is refused in production: somebody else’s resources and roles would be permitted there', () => {
      expect(() => read({ NODE_ENV: 'production' })).toThrow(/CONFIG_FILE +names a file that cannot be read/);
    });
  });

  it('comes from the environment of the process that asks for it', () => {
    const module = new URL('../../src/config/index.ts', import.meta.url);
    const program = `import { loadConfigFromProcess } from '${module}'; console.log(loadConfigFromProcess().port);`;
    const options = { env: { PORT: '4321' }, encoding: 'utf8', stdio: 'pipe' } as const;
    expect(execFileSync(process.execPath, ['--input-type=module', '--eval', program], options)).toBe('4321\n');
  });
});

describe('a refused configuration', () => {
  it('says in one message what is wrong with every setting', () => {
    const variables = {
      NODE_ENV: 'production',
      COOKIE_KEYS: 'short',
      STORE_SECRET: 'Qd8vS3nB6mX1zL5kJ9hG4fD7sA2pO0iU',
      DEMO: '0',
    };
    expect(errorOf(variables).message).toBe(
      [
        'This server cannot start: 2 settings need attention.',
        '  ISSUER       is missing: the public URL of this server, e.g. https://auth.example.com/mcp',
        '  COOKIE_KEYS  must hold at least one key of 32 characters or more',
      ].join('\n'),
    );
  });

  it('says it in the singular when there is one', () => {
    expect(errorOf({ PORT: 'x' }).message).toBe(
      'This server cannot start: 1 setting needs attention.\n  PORT  must be a whole number from 0 to 65535',
    );
  });

  it('lists the issues of environment and file together, variables in the order of the table', () => {
    const roles = { owner: { allow: ['*:*'] }, guest: { allow: ['*:raed'] } };
    const file = policyFile({ roles, lifetimes: { accessToken: 'an hour' }, brnad: {} });
    const error = errorOf({ LOG_LEVEL: 'loud', REDIS_SENTINEL_NAME: 'm', PORT: 'x' }, file);
    expect(error.message).toBe(
      [
        'This server cannot start: 6 settings need attention.',
        '  PORT                                      must be a whole number from 0 to 65535',
        '  REDIS_SENTINEL_NAME                       is set without REDIS_SENTINELS: set both or neither',
        '  LOG_LEVEL                                 must be one of fatal, error, warn, info, debug, trace, silent',
        '  config/auth.json › lifetimes.accessToken  must be a whole number of seconds, 1 or more',
        '  config/auth.json › brnad                  is not a known member; did you mean brand?',
        '  config/auth.json › roles.guest.allow[0]   matches no scope of any resource; did you mean *:read?',
      ].join('\n'),
    );
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', name: 'ConfigError' });
    expect(error.issues).toHaveLength(6);
  });

  it.each([
    ['no text for a name', { resources: [resource({ name: 7 })] }, 'resources[0].name'],
    ['no roles at all', { roles: undefined }, 'roles'],
    ['no list of clients', { clients: {} }, 'clients'],
  ])('compares no section with one that has another shape: %s', (_name, changes, place) => {
    const patterns = { resources: [resource({ client: 'nobody', defaultScopes: ['*:raed'] })], ...changes };
    expect(fileIssuesOf(patterns).map((issue) => issue.split(': ')[0])).toEqual([place]);
  });

  it.each([
    ['a cookie key', { COOKIE_KEYS: 'hush' }],
    ['a cookie key beside a good one', { COOKIE_KEYS: `${'a'.repeat(16)}${'b'.repeat(16)},hush` }],
    ['a weak cookie key', { NODE_ENV: 'production', COOKIE_KEYS: 'hush'.repeat(9), STORE_SECRET: 'hush' }],
    ['a store secret', { STORE_SECRET: 'hush' }],
    ['the password of Redis', { REDIS_URL: 'redis://:hu/hush@localhost' }],
    ['the password in another scheme', { REDIS_URL: 'http://:hush@localhost' }],
    ['the password of a contradiction', { REDIS_URL: 'redis://:hush@localhost', REDIS_CLUSTER_NODES: 'a:1' }],
    ['the password of a node', { REDIS_CLUSTER_NODES: 'redis://:hush@localhost:6379' }],
    ['the password in an issuer', { ISSUER: 'https://ada:hush@Auth.example.com/' }],
    [
      'a secret in the wrong variable',
      { HOST: 'hush!', PORT: 'hush', DEMO: 'hush', LOG_LEVEL: 'hush', TRUSTED_PROXIES: 'hush' },
    ],
  ])('never repeats %s', (_name, variables) => {
    expect(inspect(errorOf(variables), { depth: 9 })).not.toContain('hush');
  });

  it('never repeats the secret of a client', () => {
    const client = { client_id: 'tool', redirect_uris: 'x', client_secret: 'hush' };
    expect(inspect(errorOf({}, policyFile({ clients: [client] })), { depth: 9 })).not.toContain('hush');
    expect(inspect(errorOf({}, '{"client_secret": "hush",}'), { depth: 9 })).not.toContain('hush');
  });
});
