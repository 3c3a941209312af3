import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/index.ts';
import { issuesOf } from './refusal.ts';

const certificate = '-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n';
const files: Record<string, string> = { '/ca.pem': certificate, '/key.pem': 'no certificate' };

describe('how to get into Redis', () => {
  const connectionOf = async (variables: Record<string, string>) => {
    const { readFileSync } = await import('node:fs');
    const { store } = loadConfig(variables, (path, encoding) => files[path] ?? readFileSync(path, encoding));
    return store.kind === 'redis' ? store.connection : undefined;
  };
  const settings = { REDIS_USERNAME: 'bkend', REDIS_PASSWORD: 'p/w', REDIS_TLS: '1', REDIS_CA_FILE: '/ca.pem' };
  const access = { username: 'bkend', password: 'p/w', tls: { ca: certificate } };

  it('is the same for each kind of Redis', async () => {
    const sentinels = { REDIS_SENTINELS: 'a:1', REDIS_SENTINEL_NAME: 'm' };
    const own = { REDIS_SENTINEL_USERNAME: 'watch', REDIS_SENTINEL_PASSWORD: 'dog' };
    expect(await connectionOf({ REDIS_URL: 'rediss://a', ...settings })).toMatchObject({ kind: 'single', access });
    expect(await connectionOf({ REDIS_CLUSTER_NODES: 'a:1', ...settings })).toMatchObject({ kind: 'cluster', access });
    expect(await connectionOf({ ...sentinels, ...own, ...settings })).toMatchObject({
      kind: 'sentinel',
      access,
      sentinelAccess: { username: 'watch', password: 'dog' },
    });
  });

  it.each([
    [{ REDIS_USERNAME: 'bkend' }, 'REDIS_USERNAME', 'needs REDIS_PASSWORD'],
    [{ REDIS_SENTINEL_USERNAME: 'watch' }, 'REDIS_SENTINEL_USERNAME', 'needs REDIS_SENTINEL_PASSWORD'],
    [{ REDIS_TLS: 'yes' }, 'REDIS_TLS', 'must be 1 or 0'],
    [
      { REDIS_CA_FILE: '/ca.pem' },
      'REDIS_CA_FILE',
      'is set, but Redis is not reached by TLS: set REDIS_TLS=1, or a REDIS_URL that begins with rediss://',
    ],
    [
      { REDIS_TLS: '1', REDIS_CA_FILE: '/absent.pem' },
      'REDIS_CA_FILE',
      'names a file that holds no certificate in PEM: /absent.pem',
    ],
  ])('is not %j', (variables, where, sentence) => {
    expect(issuesOf({ REDIS_CLUSTER_NODES: 'a:1', ...variables })).toEqual([{ where, sentence }]);
  });
});
