import { describe, expect, it } from '@jest/globals';
import type { Context } from 'koa';
import { createTrustedProxies, networksOf } from '../../src/http/index.ts';

describe('requests are counted together', () => {
  it.each([
    ['from one IPv4 /24', '192.0.2.1', '192.0.2.254'],
    ['from one IPv4 address, plain and as a dual-stack socket shows it', '192.0.2.1', '::ffff:192.0.2.1'],
    ['from one IPv4 address, in hexadecimal', '192.0.2.1', '::FFFF:c000:0201'],
    ['from one IPv6 /56', '2001:db8:1:200::1', '2001:db8:1:2ff:ffff:ffff:ffff:ffff'],
    ['from one IPv6 /56, however it is abbreviated', '2001:db8::1', '2001:0DB8:0:0:1::'],
    ['from one link-local network, whatever the interface', 'fe80::1%eth0', 'fe80::2%eth1'],
  ])('%s', (_, one, other) => {
    expect(networksOf(one)).toEqual(networksOf(other));
  });

  it('with all of their /48 as well, where it is IPv6', () => {
    const [one, other] = ['2001:db8:1:200::1', '2001:db8:1:300::1'].map(networksOf);
    expect(one?.near).not.toBe(other?.near);
    expect(one?.wide).toBe(other?.wide);
    expect(networksOf('2001:db8:2::1').wide).not.toBe(one?.wide);
    expect(networksOf('192.0.2.1').wide).toBeUndefined();
  });
});

describe('requests are counted apart', () => {
  it.each([
    ['from two IPv4 /24 networks', '192.0.2.1', '192.0.3.1'],
    ['from two IPv4 /24 networks on a dual-stack socket', '::ffff:192.0.2.1', '::ffff:192.0.3.1'],
    ['from two IPv6 /56 networks', '2001:db8:1:200::1', '2001:db8:1:300::1'],
    ['from IPv6 loopback and IPv4 loopback', '::1', '127.0.0.1'],
    ['from networks whose abbreviations look alike', '1:2::', '1::2'],
    ['from what is no address at all', 'unknown', '192.0.2.1'],
  ])('%s', (_, one, other) => {
    expect(networksOf(one).near).not.toBe(networksOf(other).near);
  });
});

describe('this computer', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['::2', false],
    ['128.0.0.1', false],
    ['unknown', false],
  ])('is told apart: %s', (address, isLoopback) => {
    expect(networksOf(address).isLoopback).toBe(isLoopback);
  });
});

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
    ['the last that no trusted proxy wrote', ['10.0.0.0/8'], '10.0.0.1', '::7, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
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
