import type { IncomingMessage } from 'node:http';
import { keptBody, maxBodyBytes } from '../http/index.ts';

/** The rest is never read, however long it goes on. */
class BodyTooLarge extends Error {
  readonly status = 400;
  readonly error = 'invalid_request';
  readonly error_description = `the body is larger than ${maxBodyBytes} bytes`;
}

export async function readBody(req: IncomingMessage): Promise<Buffer> {
  const kept = keptBody(req);
  if (kept) return kept;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
