import { describe, expect, it } from '@jest/globals';
import { networkOf } from '../../src/sign-in/network.ts';

describe('tries are counted together', () => {
  it.each([
    ['from one IPv4 address', '192.0.2.1', '192.0.2.1'],
    ['from one IPv4 address, plain and as a dual-stack socket shows it', '192.0.2.1', '::ffff:192.0.2.1'],
    ['from one IPv4 address, in hexadecimal', '192.0.2.1', '::FFFF:c000:0201'],
    ['from one IPv6 /64', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'],
    ['from one IPv6 /64, however it is abbreviated', '2001:db8::1', '2001:0DB8:0:0:1::'],
    ['from one link-local network, whatever the interface', 'fe80::1%eth0', 'fe80::2%eth1'],
    ['from the loopback', '::1', '::2'],
  ])('%s', (_, one, other) => {
    expect(networkOf(one)).toBe(networkOf(other));
  });
});

describe('tries are counted apart', () => {
  it.each([
    ['from two IPv4 addresses', '192.0.2.1', '192.0.2.2'],
    ['from two IPv4 addresses on a dual-stack socket', '::ffff:192.0.2.1', '::ffff:192.0.2.2'],
    ['from two IPv6 /64 networks', '2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['from IPv6 loopback and IPv4 loopback', '::1', '127.0.0.1'],
    ['from networks whose abbreviations look alike', '1:2::', '1::2'],
    ['from what is no address at all', 'unknown', '192.0.2.1'],
  ])('%s', (_, one, other) => {
    expect(networkOf(one)).not.toBe(networkOf(other));
  });
});
