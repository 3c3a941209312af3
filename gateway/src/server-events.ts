/** One event of a stream (WHATWG HTML §9.2): what a gateway needs of it. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  /** The cursor to come back with; absent when this event has none of its own. */
  readonly id?: string;
}

const MAX_EVENT_LENGTH = 64 * 1024; // an entry has a few hundred; more than this is no feed of ours

/** Reads the events of a body until it ends. `onPiece` is told of every piece that arrives, comments included. */
export async function* readServerEvents(
  body: ReadableStream<Uint8Array>,
  onPiece: () => void,
): AsyncGenerator<ServerEvent, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of body) {
    onPiece();
    rest += decoder.decode(piece, { stream: true }).replaceAll('\r', '');
    const blocks = rest.split('\n\n');
    // What is not yet ended by a blank line is not an event: a cut line must not count as read.
    rest = blocks.pop() ?? '';
    if (rest.length > MAX_EVENT_LENGTH) throw new Error('an event of the feed does not end');
    for (const block of blocks) yield parseEvent(block);
  }
}

function parseEvent(block: string): ServerEvent {
  const fields = block.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line) ?? []);
  const values = (name: string) => fields.filter((field) => field[1] === name).map((field) => field[2] ?? '');
  const id = values('id').at(-1);
  return { event: values('event').at(-1) ?? 'message', data: values('data').join('\n'), ...(id && { id }) };
}
