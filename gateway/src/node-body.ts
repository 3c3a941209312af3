import type { IncomingMessage } from 'node:http';
import { type Body, type BodyError, type BodyLimits, parsedBody, sentBody } from './body.ts';
import { createChunks } from './chunks.ts';

type RequestWithBody = IncomingMessage & { readonly body?: unknown };

/** What this kit has read and put back: a second protection finds it here. */
const returned = new WeakMap<IncomingMessage, Body>();

/**
 * Reads the body of a request of `node:http`, and puts it back for the application: whoever reads `req` afterwards finds
 * every byte. What a body parser in front has read is taken as it understood it; where both are there, both count.
 */
export async function readNodeBodies(
  req: RequestWithBody,
  parsed: unknown,
  limits: BodyLimits,
): Promise<readonly Body[]> {
  const kept = parsed ?? req.body;
  if (!returned.has(req)) {
    if (req.readableDidRead || req.readableEncoding) return [parsedBody(kept)];
    const bytes = hasBody(req) ? await readAndReturn(req, limits) : new Uint8Array();
    returned.set(req, sentBody(bytes, req.headers['content-type'], req.headers['content-encoding']));
  }
  return [returned.get(req) as Body, ...(isEmpty(kept) ? [] : [parsedBody(kept)])];
}

/** body-parser 1.x leaves `{}` beside a body that it has not read. */
function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function hasBody({ headers, httpVersionMajor }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || Number(length) > 0 || (httpVersionMajor > 1 && length === undefined);
}

/** What follows of a body that is not read to its end is thrown away. */
function readAndReturn(req: IncomingMessage, limits: BodyLimits): Promise<Uint8Array | BodyError> {
  const { maxBodyBytes, maxBodySeconds } = limits;
  if (Number(req.headers['content-length']) > maxBodyBytes) return Promise.resolve('too long');
  const chunks = createChunks();

  return new Promise((resolve) => {
    function take(): void {
      while (req.readableLength > 0 && chunks.length <= maxBodyBytes) chunks.add(req.read());
      if (chunks.length > maxBodyBytes) end('too long');
      else if (hasArrived(req)) end(chunks.take());
    }

    const leave = () => end('unreadable');
    const timer = setTimeout(() => end('too slow'), maxBodySeconds * 1000);

    function end(read: Uint8Array | BodyError): void {
      clearTimeout(timer);
      req.off('readable', take).off('end', take).off('close', leave).off('error', leave);
      if (typeof read === 'string') req.resume();
      // In the same turn as the last `read`, or the stream ends before anybody else has heard of it.
      else if (read.length > 0) req.unshift(read);
      resolve(read);
    }

    req.on('readable', take).on('end', take).on('close', leave).on('error', leave);
    take();
  });
}

/** Whether nothing follows. HTTP/2 says `complete` only when the stream has ended, and then nothing can be put back. */
function hasArrived(req: IncomingMessage): boolean {
  const { _readableState: state } = req as { _readableState?: { readonly ended?: boolean } };
  return req.complete || req.readableEnded || state?.ended === true;
}
