import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readServerEvents, type ServerEvent } from '../../gateway/src/server-events.ts';

async function read(pieces: readonly (string | Uint8Array)[], onSign = () => {}): Promise<ServerEvent[]> {
  const bytes = pieces.map((piece) => (typeof piece === 'string' ? new TextEncoder().encode(piece) : piece));
  const events: ServerEvent[] = [];
  for await (const event of readServerEvents(ReadableStream.from(bytes), onSign)) events.push(event);
  return events;
}

describe('a stream of events (WHATWG HTML §9.2)', () => {
  it('is read with ids, kinds and data', async () => {
    const text = 'retry: 1000\n\nid: 7-0\nevent: revoked\ndata: {"a":1}\n\n: heartbeat\nevent: current\ndata: {}\n\n';
    expect(await read([text])).toEqual([
      { event: 'message', data: '' },
      { id: '7-0', event: 'revoked', data: '{"a":1}' },
      { event: 'current', data: '{}' },
    ]);
  });

  it('may end its lines as a proxy likes, and leave out the blank after the colon', async () => {
    expect(await read(['id:1\r\nevent:revoked\r\ndata:x\r\n\r\n'])).toEqual([{ id: '1', event: 'revoked', data: 'x' }]);
  });

  it('says nothing with an event that is not ended', async () => {
    expect(await read(['event: revoked\ndata: x\n\nevent: current\ndata: {}\n'])).toHaveLength(1);
  });

  it('may be cut anywhere, within a character too', async () => {
    const whole = new TextEncoder().encode('id: 1\nevent: revoked\ndata: "äö€😀"\n\nid: 2\ndata: y\n\n');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 8 }), async (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((end, index) => whole.subarray(places[index], end));
        expect(await read(pieces)).toEqual([
          { id: '1', event: 'revoked', data: '"äö€😀"' },
          { id: '2', event: 'message', data: 'y' },
        ]);
      }),
    );
  });

  it('shows a sign of life with every piece, comments included', async () => {
    let signs = 0;
    await read([': one\n\n', ': two\n\n'], () => {
      signs += 1;
    });
    expect(signs).toBe(2);
  });

  it('is given up when an event does not end, before it fills the memory', async () => {
    await expect(read(Array.from({ length: 100 }, () => 'x'.repeat(1000)))).rejects.toThrow('does not end');
  });
});
