import { createChunks } from './chunks.ts';
import { createEventSplitter } from './event-splitter.ts';
import { GatewayError } from './gateway-error.ts';
import { filterJson, type ToolsFilter } from './tools-filter.ts';

/** Takes what an application answers, gives what its client gets. Throws for more than can be held to be filtered. */
export interface AnswerFilter {
  /** Replaces the application's own status. */
  readonly status?: number;
  push(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array<ArrayBuffer>;
}

/** More is no list that a client could want. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What is about bytes that the client does not get. */
export const OUTDATED_HEADERS = [
  ...['content-length', 'content-encoding', 'etag', 'accept-ranges'],
  ...['content-md5', 'digest', 'content-digest', 'repr-digest'],
];

/** For an answer of this type: only JSON and streams of events can hold messages. */
export function createAnswerFilter(contentType: string, { allows }: ToolsFilter): AnswerFilter | undefined {
  const [type = ''] = contentType.split(';', 1);
  switch (type.trim().toLowerCase()) {
    case 'application/json':
      return filterWhole((text) => filterJson(text, allows));
    case 'text/event-stream':
      return filterEvents((text) => filterJson(text, allows));
    default:
      return undefined;
  }
}

function filterWhole(filter: (text: string) => string): AnswerFilter {
  const chunks = createChunks();
  return {
    push(bytes) {
      // A copy: an application may use its buffer again.
      chunks.add(bytes.slice());
      checkLength(chunks.length);
      return new Uint8Array();
    },
    end: () => new TextEncoder().encode(filter(new TextDecoder().decode(chunks.take()))),
  };
}

/** Event by event: each goes on as soon as it is whole, and untouched if it may. */
function filterEvents(filter: (text: string) => string): AnswerFilter {
  const splitter = createEventSplitter();
  return {
    push(bytes) {
      const passed = createChunks();
      for (const event of splitter.push(bytes)) passed.add(filterEvent(event, filter));
      checkLength(splitter.pending.length);
      return passed.take();
    },
    end: () => filterEvent(splitter.pending.take(), filter),
  };
}

function filterEvent(event: Uint8Array<ArrayBuffer>, filter: (text: string) => string): Uint8Array<ArrayBuffer> {
  // The decoder takes away the byte order mark with which a stream may begin.
  const lines = new TextDecoder().decode(event).split(/\r\n|\r|\n/);
  const text = lines
    .filter(isData)
    .map((line) => line.replace(/^data:? ?/, ''))
    .join('\n');
  const filtered = filter(text);
  if (filtered === text) return event;
  const others = lines.filter((line) => line !== '' && !isData(line));
  return new TextEncoder().encode([...others, `data: ${filtered}`, '', ''].join('\n'));
}

function isData(line: string): boolean {
  return line === 'data' || line.startsWith('data:');
}

function checkLength(length: number): void {
  if (length > MAX_BYTES) throw unreadable('it is too long');
}

/** Fails closed: what cannot be read is not handed on. */
export function createRefusedAnswer({ onRefusal }: ToolsFilter): AnswerFilter & { readonly status: number } {
  onRefusal(unreadable('it is encoded'));
  const error = { code: -32603, message: 'The list of tools cannot be given at the moment' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: null, error });
  return { status: 500, push: () => new Uint8Array(), end: () => new TextEncoder().encode(body) };
}

function unreadable(reason: string): GatewayError {
  return new GatewayError('ANSWER_UNREADABLE', `The list of tools cannot be filtered: ${reason}`);
}
