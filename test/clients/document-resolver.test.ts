import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { resolveAddresses } from '../../src/clients/document-addresses.ts';

const a = 1;
const aaaa = 28;
const zone: Record<string, Record<number, Buffer>> = {
  'both.example': { [a]: Buffer.from([93, 184, 215, 14]), [aaaa]: Buffer.from(`26064700${'0'.repeat(20)}1111`, 'hex') },
  'old.example': { [a]: Buffer.from([93, 184, 215, 14]) },
};

let server: Socket;
let resolver: Resolver;

/** A name server for `zone` (RFC 1035 §4.1); what it does not know does not exist. */
beforeAll(async () => {
  server = createSocket('udp4').on('message', (query, { port }) => {
    const end = query.indexOf(0, 12) + 1;
    // Lengths of labels are no letters.
    const labels = query.toString('latin1', 12, end).match(/[a-z]+/g) ?? [];
    const record = zone[labels.join('.')];
    const found = record?.[query.readUInt16BE(end)];
    const question = query.subarray(12, end + 4);
    const header = Buffer.from([
      query[0] ?? 0,
      query[1] ?? 0,
      0x81,
      record ? 0x80 : 0x83,
      0,
      1,
      0,
      found ? 1 : 0,
      0,
      0,
      0,
      0,
    ]);
    const answer = found
      ? [Buffer.from([0xc0, 12]), query.subarray(end, end + 4), Buffer.from([0, 0, 0, 60, 0, found.length]), found]
      : [];
    server.send(Buffer.concat([header, question, ...answer]), port);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  resolver = new Resolver({ timeout: 1000, tries: 2 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
});
afterAll(() => {
  server.close();
});

it('a host is known by all its addresses', async () => {
  expect(await resolveAddresses('both.example', resolver)).toEqual(['93.184.215.14', '2606:4700::1111']);
});

it('a host may have addresses of one kind only', async () => {
  expect(await resolveAddresses('old.example', resolver)).toEqual(['93.184.215.14']);
});

it('a host that does not exist is an error', async () => {
  await expect(resolveAddresses('nobody.example', resolver)).rejects.toMatchObject({ code: 'ENOTFOUND' });
});
