import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { describe, expect, it } from '@jest/globals';
import { isPublicAddress, resolveAddresses } from '../../src/clients/document-addresses.ts';
import { shared } from '../support/shared.ts';

describe('an address', () => {
  it.each([
    ...['1.1.1.1', '93.184.215.14', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.0', '223.255.255.255'],
    ...['2606:4700::1111', '2a00:1450:4001:830::200e', '2001:4860:4860::8888'],
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    ['this network', '0.0.0.0'],
    ['private', '10.0.0.1'],
    ['shared by carriers', '100.64.0.1'],
    ['loopback', '127.0.0.1'],
    ['all of loopback', '127.255.255.254'],
    ['link-local, where clouds keep credentials', '169.254.169.254'],
    ['private', '172.16.0.1'],
    ['the end of private', '172.31.255.255'],
    ['protocol assignments', '192.0.0.8'],
    ['documentation', '192.0.2.1'],
    ['6to4 relays', '192.88.99.1'],
    ['private', '192.168.1.1'],
    ['benchmarks', '198.19.0.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4-mapped', '::ffff:127.0.0.1'],
    ['IPv4-mapped, in hexadecimal', '::ffff:7f00:1'],
    ['IPv4-mapped, of a public address', '::ffff:1.1.1.1'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local NAT64', '64:ff9b:1::1'],
    ['discard-only', '100::1'],
    ['Teredo', '2001::1'],
    ['ORCHID', '2001:20::1'],
    ['documentation', '2001:db8::1'],
    ['6to4', '2002:7f00:1::'],
    ['AS112', '2620:4f:8000::1'],
    ['documentation', '3fff::1'],
    ['segment routing', '5f00::1'],
    ['unique local', 'fd00::1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['a zone of our own', '2606:4700::1111%eth0'],
    ['multicast', 'ff02::1'],
    ['no address', 'localhost'],
    ['no whole address', '127.1'],
    ['nothing', ''],
  ])('that is %s is not public: %s (RFC 6890)', (_name, address) => expect(isPublicAddress(address)).toBe(false));
});

const a = 1;
const aaaa = 28;
const zone: Record<string, Record<number, Buffer>> = {
  'both.example': { [a]: Buffer.from([93, 184, 215, 14]), [aaaa]: Buffer.from(`26064700${'0'.repeat(20)}1111`, 'hex') },
  'old.example': { [a]: Buffer.from([93, 184, 215, 14]) },
};

/** A name server for `zone` (RFC 1035 §4.1); what it does not know does not exist. */
const server = shared(async () => {
  const socket = createSocket('udp4').on('message', (query, { port }) => {
    const end = query.indexOf(0, 12) + 1;
    // Lengths of labels are no letters.
    const labels = query.toString('latin1', 12, end).match(/[a-z]+/g) ?? [];
    const record = zone[labels.join('.')];
    const found = record?.[query.readUInt16BE(end)];
    const question = query.subarray(12, end + 4);
    const flags = [0x81, record ? 0x80 : 0x83];
    const counts = [0, 1, 0, found ? 1 : 0, 0, 0, 0, 0];
    const header = Buffer.from([...query.subarray(0, 2), ...flags, ...counts]);
    const answer = found
      ? [Buffer.from([0xc0, 12]), query.subarray(end, end + 4), Buffer.from([0, 0, 0, 60, 0, found.length]), found]
      : [];
    socket.send(Buffer.concat([header, question, ...answer]), port);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
});
const resolver = shared(() => {
  const asking = new Resolver({ timeout: 20_000, tries: 2 });
  asking.setServers([`127.0.0.1:${server.address().port}`]);
  return asking;
});

it('a host is known by all its addresses', async () =>
  expect(await resolveAddresses('both.example', resolver)).toEqual(['93.184.215.14', '2606:4700::1111']));

it('a host may have addresses of one kind only', async () =>
  expect(await resolveAddresses('old.example', resolver)).toEqual(['93.184.215.14']));

it('a host that does not exist is an error', () =>
  expect(resolveAddresses('nobody.example', resolver)).rejects.toMatchObject({ code: 'ENOTFOUND' }));
