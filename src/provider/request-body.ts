import { IncomingMessage } from 'node:http';

/** As much of a body as oidc-provider 9.13 reads. */
const maxBytes = 56 * 1024;

export async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    // One chunk too many is enough for the provider to refuse the rest.
    if (bytes <= maxBytes) chunks.push(chunk);
    bytes += chunk.length;
  }
  return Buffer.concat(chunks);
}

/** The same request with this body, unread; complete, or Node would take its end for a lost connection. */
export function replay(req: IncomingMessage, body: Buffer): IncomingMessage {
  const again = new IncomingMessage(req.socket);
  const { method, url, httpVersion, headers } = req;
  Object.assign(again, { method, url, httpVersion, headers, complete: true });
  again.headers['content-length'] = String(body.length);
  again.push(body);
  again.push(null);
  return again;
}
