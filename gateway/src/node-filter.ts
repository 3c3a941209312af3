import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type AnswerFilter, createAnswerFilter, createRefusedAnswer, OUTDATED_HEADERS } from './answer-filter.ts';
import type { GatewayError } from './gateway-error.ts';
import type { ToolsFilter } from './tools-filter.ts';

type HeaderList = OutgoingHttpHeaders | OutgoingHttpHeader[];
type Done = (error?: Error | null) => void;

/**
 * Puts the filter before what an application writes, whoever writes it and however. Node itself writes each head through
 * `writeHead`, so there it is known what kind of answer it is.
 */
export function filterNodeAnswer(req: IncomingMessage, res: ServerResponse, filter: ToolsFilter): void {
  // Nothing behind should compress what is to be read.
  delete req.headers['accept-encoding'];
  const original = { writeHead: res.writeHead, write: res.write, end: res.end };
  let own: AnswerFilter | undefined;

  /** `undefined` when the answer was cut because it cannot be filtered: its beginning is sent. */
  function passed(pass: () => Uint8Array): Uint8Array | undefined {
    try {
      return pass();
    } catch (error) {
      own = undefined;
      filter.onRefusal(error as GatewayError);
      res.destroy();
      return undefined;
    }
  }

  function begin(): AnswerFilter | undefined {
    if (!res.headersSent) res.writeHead(res.statusCode);
    return own;
  }

  const filtering = {
    writeHead(status: number, ...rest: [(string | HeaderList)?, HeaderList?]) {
      const [message, headers = message] = rest;
      if (typeof headers === 'object') setHeaders(res, headers);
      own = chooseFilter(res, filter);
      if (typeof message === 'string' && own?.status === undefined) res.statusMessage = message;
      return original.writeHead.call(res, own?.status ?? status);
    },
    write(...[chunk, encoding, done]: [unknown, (BufferEncoding | Done)?, Done?]) {
      const chosen = begin();
      if (!chosen) return original.write.call(res, chunk, encoding as BufferEncoding, done);
      const bytes = passed(() => chosen.push(bytesOf(chunk, encoding)));
      const written: Done = (typeof encoding === 'function' ? encoding : done) ?? (() => {});
      if (bytes && bytes.length > 0) return original.write.call(res, bytes, 'utf8', written);
      queueMicrotask(written);
      return true;
    },
    end(...parameters: [unknown?, (BufferEncoding | Done)?, Done?]) {
      const chosen = begin();
      // Once: in HTTP/2 `end` writes through `write`.
      own = undefined;
      if (!chosen) return original.end.apply(res, parameters as [unknown, BufferEncoding, Done]);
      const [chunk, encoding] = parameters;
      const done = parameters.find((each) => typeof each === 'function') as Done | undefined;
      const hasChunk = chunk !== undefined && chunk !== null && typeof chunk !== 'function';
      const last = hasChunk ? passed(() => chosen.push(bytesOf(chunk, encoding))) : new Uint8Array();
      if (!last) return res;
      if (last.length > 0) original.write.call(res, last, 'utf8');
      return original.end.call(res, chosen.end(), 'utf8', done);
    },
  };
  Object.assign(res, filtering);
}

/** Also takes away what is about the bytes as the application wrote them. */
function chooseFilter(res: ServerResponse, filter: ToolsFilter): AnswerFilter | undefined {
  const chosen = createAnswerFilter(String(res.getHeader('content-type') ?? ''), filter);
  if (chosen === undefined) return undefined;
  const coding = String(res.getHeader('content-encoding') ?? 'identity');
  for (const name of OUTDATED_HEADERS) res.removeHeader(name);
  if (coding.toLowerCase() === 'identity') return chosen;
  res.setHeader('content-type', 'application/json');
  return createRefusedAnswer(filter);
}

/** In each of the forms in which `writeHead` takes them; they replace those of the same name. */
function setHeaders(res: ServerResponse, headers: HeaderList): void {
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) res.setHeader(name, value);
    return;
  }
  const flat = headers.flat();
  const listed = Array.from({ length: flat.length / 2 }, (_, index) => [String(flat[2 * index]), flat[2 * index + 1]]);
  for (const [name] of listed) res.removeHeader(name as string);
  for (const [name, value] of listed) res.appendHeader(name as string, String(value));
}

function bytesOf(chunk: unknown, encoding: unknown): Uint8Array {
  if (typeof chunk !== 'string') return chunk as Uint8Array;
  // Only Node has other encodings, and it is there: this is an answer of its own.
  return typeof encoding === 'string'
    ? Buffer.from(chunk, encoding as BufferEncoding)
    : new TextEncoder().encode(chunk);
}
