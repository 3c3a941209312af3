import { describe, expect, it } from '@jest/globals';
import type { Context } from 'koa';
import { createTrustedProxies } from '../../src/http/index.ts';

/** What Koa tells of a request from this peer with this header. */
function from(peer: string, forwarded = ''): Context {
  return { req: { socket: { remoteAddress: peer } }, get: () => forwarded } as unknown as Context;
}

describe('the address of a client', () => {
  it.each([
    ['the peer, when nobody is trusted', [], '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['the peer, when it is no trusted proxy', ['10.0.0.1'], '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['the peer, when a trusted proxy says nothing', ['10.0.0.1'], '10.0.0.1', '', '10.0.0.1'],
    ['what a trusted proxy says', ['10.0.0.1'], '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    [
      'the last that no trusted proxy wrote',
      ['10.0.0.0/8'],
      '10.0.0.1',
      '198.51.100.1, 203.0.113.9, 10.0.0.2',
      '203.0.113.9',
    ],
    ['not what the client wrote itself', ['10.0.0.1'], '10.0.0.1', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
    ['the first, when all are trusted', ['10.0.0.0/8'], '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['an IPv4 address in its own spelling', [], '::ffff:192.0.2.1', '', '192.0.2.1'],
    ['behind a proxy that shows as a mapped address', ['10.0.0.1'], '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['an IPv6 address behind a trusted network', ['fd00::/8'], 'fd00::1', '2001:db8::7', '2001:db8::7'],
    ['the proxy, when the header is only commas', ['10.0.0.1'], '10.0.0.1', ' , ,', '10.0.0.1'],
    ['the last address, when a proxy did not know one', ['10.0.0.1'], '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
    ['without the port that some proxies add', ['10.0.0.1'], '10.0.0.1', '203.0.113.9:50123', '203.0.113.9'],
    ['without port and brackets', ['10.0.0.1'], '10.0.0.1', '[2001:db8::7]:50123', '2001:db8::7'],
    ['without brackets', ['10.0.0.1'], '10.0.0.1', '[2001:db8::7]', '2001:db8::7'],
  ])('is %s', (_name, trusted, peer, forwarded, address) => {
    expect(createTrustedProxies(trusted).clientAddress(from(peer, forwarded))).toBe(address);
  });
});
