import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/index.ts';
import { issuesOf, loadWith, reading } from './refusal.ts';

const onlyOne = 'set only one of REDIS_URL, REDIS_CLUSTER_NODES, REDIS_SENTINELS';
const scheme = 'must begin with redis:// or rediss://, followed by a host';
const form = 'must look like redis://user:password@host:6379/0, with / # ? @ in the password percent-encoded';

describe('the way to Redis', () => {
  it.each(['redis://localhost', 'redis://:p%2Fw@redis.example:6380/2', 'rediss://ada:pw@[2001:db8::1]:6379/?family=6'])(
    'is a URL: %s',
    (url) => {
      const connection = { kind: 'single', url };
      expect(loadWith({ REDIS_URL: url }).store).toEqual({ kind: 'redis', prefix: 'bkend:', connection });
    },
  );

  it('is the nodes of a cluster', () => {
    const nodes = [
      { host: 'redis-1.example', port: 6379 },
      { host: '2001:db8::1', port: 6380 },
    ];
    const { store } = loadWith({ REDIS_CLUSTER_NODES: 'redis-1.example:6379, [2001:db8::1]:6380' });
    expect(store).toEqual({ kind: 'redis', prefix: 'bkend:', connection: { kind: 'cluster', nodes } });
  });

  it('is Sentinels and the name of their group', () => {
    const variables = { REDIS_SENTINELS: '10.0.0.1:26379', REDIS_SENTINEL_NAME: 'mymaster', REDIS_PREFIX: 'auth:' };
    const connection = { kind: 'sentinel', sentinels: [{ host: '10.0.0.1', port: 26_379 }], name: 'mymaster' };
    expect(loadWith(variables).store).toEqual({ kind: 'redis', prefix: 'auth:', connection });
  });

  it.each([
    ['http://localhost:6379', scheme],
    ['localhost:6379', scheme],
    ['redis://', scheme],
    ['redis://ada#pw@host', form],
    ['redis://ada?pw@host', form],
    ['redis:///0', form],
    ['redis://:p#w@host', form],
    ['redis://:p/w@host', form],
  ])('is not %s', (url, sentence) => {
    expect(issuesOf({ REDIS_URL: url })).toEqual([{ where: 'REDIS_URL', sentence }]);
  });

  it.each([
    'redis-1',
    'redis-1:0',
    'redis-1:65536',
    '2001:db8::1:6379',
    '[redis-1]:6379',
    'redis://redis-1:6379',
    ':6379',
  ])('is not a node %s', (node) => {
    const sentence = 'entry 2 must be host:port, with an IPv6 address in brackets';
    const where = 'REDIS_CLUSTER_NODES';
    expect(issuesOf({ [where]: `redis-0:6379,${node}` })).toEqual([{ where, sentence }]);
  });

  it('is one only', () => {
    const both = { REDIS_CLUSTER_NODES: 'a:1', REDIS_SENTINELS: 'a:1', REDIS_SENTINEL_NAME: 'm' };
    expect(issuesOf({ ...both, REDIS_URL: 'redis://a' })).toEqual([
      { where: 'REDIS_CLUSTER_NODES', sentence: `contradicts REDIS_URL: ${onlyOne}` },
      { where: 'REDIS_SENTINELS', sentence: `contradicts REDIS_URL: ${onlyOne}` },
    ]);
    expect(issuesOf({ ...both, REDIS_URL: '' })).toEqual([
      { where: 'REDIS_SENTINELS', sentence: `contradicts REDIS_CLUSTER_NODES: ${onlyOne}` },
    ]);
  });

  const group = 'REDIS_SENTINEL_NAME';
  const unnamed = 'is missing: REDIS_SENTINELS needs the name of the group they watch, e.g. mymaster';
  it.each<[string, Record<string, string>, string, string]>([
    ['an empty list', { REDIS_CLUSTER_NODES: ' , ' }, 'REDIS_CLUSTER_NODES', 'must hold at least one host:port'],
    ['Sentinels without the name of their group', { REDIS_SENTINELS: 'a:1' }, group, unnamed],
    [
      'the name of a group without Sentinels',
      { [group]: 'm' },
      group,
      'is set without REDIS_SENTINELS: set both or neither',
    ],
  ])('is not %s', (_name, variables, where, sentence) => {
    expect(issuesOf(variables)).toEqual([{ where, sentence }]);
  });

  it.each(['{auth}:', 'auth :'])('has no prefix such as "%s"', (prefix) => {
    const sentence = 'must hold neither braces nor blanks';
    expect(issuesOf({ REDIS_PREFIX: prefix })).toEqual([{ where: 'REDIS_PREFIX', sentence }]);
  });
});

describe('how to get into Redis', () => {
  const certificate = '-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n';
  const files = { '/ca.pem': certificate, 'config/auth.json': readFileSync('config/auth.json') };
  const settings = { REDIS_USERNAME: 'bkend', REDIS_PASSWORD: 'p/w', REDIS_TLS: '1', REDIS_CA_FILE: '/ca.pem' };
  const access = { username: 'bkend', password: 'p/w', tls: { ca: certificate } };

  it.each([
    [{ REDIS_URL: 'rediss://a' }, { kind: 'single', access }],
    [{ REDIS_CLUSTER_NODES: 'a:1' }, { kind: 'cluster', access }],
    [
      {
        ...{ REDIS_SENTINELS: 'a:1', REDIS_SENTINEL_NAME: 'm' },
        ...{ REDIS_SENTINEL_USERNAME: 'watch', REDIS_SENTINEL_PASSWORD: 'dog' },
      },
      { kind: 'sentinel', access, sentinelAccess: { username: 'watch', password: 'dog' } },
    ],
  ])('is the same for each kind of Redis: %j', (variables, connection) => {
    expect(loadConfig({ ...variables, ...settings }, reading(files)).store).toMatchObject({
      kind: 'redis',
      connection,
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
