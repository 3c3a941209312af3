import { describe, expect, it } from '@jest/globals';
import { issuesOf, loadWith } from './refusal.ts';

const onlyOne = 'set only one of REDIS_URL, REDIS_CLUSTER_NODES, REDIS_SENTINELS';

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
    expect(loadWith({ REDIS_CLUSTER_NODES: 'redis-1.example:6379, [2001:db8::1]:6380' }).store).toEqual({
      kind: 'redis',
      prefix: 'bkend:',
      connection: { kind: 'cluster', nodes },
    });
  });

  it('is Sentinels and the name of their group', () => {
    const variables = { REDIS_SENTINELS: '10.0.0.1:26379', REDIS_SENTINEL_NAME: 'mymaster', REDIS_PREFIX: 'auth:' };
    const sentinels = [{ host: '10.0.0.1', port: 26_379 }];
    expect(loadWith(variables).store).toEqual({
      kind: 'redis',
      prefix: 'auth:',
      connection: { kind: 'sentinel', sentinels, name: 'mymaster' },
    });
  });

  it.each([
    ['http://localhost:6379', 'must begin with redis:// or rediss://, followed by a host'],
    ['localhost:6379', 'must begin with redis:// or rediss://, followed by a host'],
    ['redis://', 'must begin with redis:// or rediss://, followed by a host'],
    [
      'redis://ada#pw@host',
      'must look like redis://user:password@host:6379/0, with / # ? @ in the password percent-encoded',
    ],
    [
      'redis://ada?pw@host',
      'must look like redis://user:password@host:6379/0, with / # ? @ in the password percent-encoded',
    ],
    ['redis:///0', 'must look like redis://user:password@host:6379/0, with / # ? @ in the password percent-encoded'],
    [
      'redis://:p#w@host',
      'must look like redis://user:password@host:6379/0, with / # ? @ in the password percent-encoded',
    ],
    [
      'redis://:p/w@host',
      'must look like redis://user:password@host:6379/0, with / # ? @ in the password percent-encoded',
    ],
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

  it('is not an empty list', () => {
    const expected = [{ where: 'REDIS_CLUSTER_NODES', sentence: 'must hold at least one host:port' }];
    expect(issuesOf({ REDIS_CLUSTER_NODES: ' , ' })).toEqual(expected);
  });

  it('is one only', () => {
    const variables = {
      REDIS_URL: 'redis://a',
      REDIS_CLUSTER_NODES: 'a:1',
      REDIS_SENTINELS: 'a:1',
      REDIS_SENTINEL_NAME: 'm',
    };
    expect(issuesOf(variables)).toEqual([
      { where: 'REDIS_CLUSTER_NODES', sentence: `contradicts REDIS_URL: ${onlyOne}` },
      { where: 'REDIS_SENTINELS', sentence: `contradicts REDIS_URL: ${onlyOne}` },
    ]);
    expect(issuesOf({ ...variables, REDIS_URL: '' })).toEqual([
      { where: 'REDIS_SENTINELS', sentence: `contradicts REDIS_CLUSTER_NODES: ${onlyOne}` },
    ]);
  });

  it('is not Sentinels without the name of their group, nor the reverse', () => {
    const where = 'REDIS_SENTINEL_NAME';
    expect(issuesOf({ REDIS_SENTINELS: 'a:1' })).toEqual([
      { where, sentence: 'is missing: REDIS_SENTINELS needs the name of the group they watch, e.g. mymaster' },
    ]);
    expect(issuesOf({ REDIS_SENTINEL_NAME: 'm' })).toEqual([
      { where, sentence: 'is set without REDIS_SENTINELS: set both or neither' },
    ]);
  });

  it.each(['{auth}:', 'auth :'])('has no prefix such as "%s"', (prefix) => {
    expect(issuesOf({ REDIS_PREFIX: prefix })).toEqual([
      { where: 'REDIS_PREFIX', sentence: 'must hold neither braces nor blanks' },
    ]);
  });
});
