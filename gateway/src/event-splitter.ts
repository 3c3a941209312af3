import { createChunks } from './chunks.ts';

const [LF, CR] = [10, 13];

/**
 * Parts a stream of server-sent events into its events, each with the empty line that ends it. Bytes, not text: a chunk may
 * end within a character, or between CR and LF.
 */
export function createEventSplitter() {
  const pending = createChunks();
  /** Of the line that is being read. */
  let lineLength = 0;
  let wasCr = false;

  /** Whether this byte ends an empty line, and so the event. */
  function endsEvent(byte: number): boolean {
    const isRestOfCrLf = byte === LF && wasCr;
    wasCr = byte === CR;
    if (isRestOfCrLf) return false;
    const isEnd = byte === LF || byte === CR;
    const isEmptyLine = isEnd && lineLength === 0;
    lineLength = isEnd ? 0 : lineLength + 1;
    return isEmptyLine;
  }

  return {
    /** What has come of an event that is not yet whole. */
    pending,
    push(chunk: Uint8Array): Uint8Array<ArrayBuffer>[] {
      const events: Uint8Array<ArrayBuffer>[] = [];
      let start = 0;
      for (let at = 0; at < chunk.length; at += 1) {
        if (!endsEvent(chunk[at] as number)) continue;
        // The LF of a CRLF that ends the event belongs to it, if it is here.
        const end = wasCr && chunk[at + 1] === LF ? at + 2 : at + 1;
        pending.add(chunk.subarray(start, end));
        events.push(pending.take());
        start = end;
      }
      pending.add(chunk.slice(start));
      return events;
    },
  };
}
