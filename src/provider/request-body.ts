import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';

/** As much of a body as oidc-provider 9.13 reads. */
const maxBytes = 56 * 1024;

/** The rest is never read, however long it goes on. */
class BodyTooLarge extends Error {
  readonly status = 400;
  readonly error = 'invalid_request';
  readonly error_description = `the body is larger than ${maxBytes} bytes`;
}

export async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * A form that we read already: oidc-provider 9.13 takes `req.body` where the stream was consumed (lib/shared/
 * selective_body.js), and warns once a process that a body parser of the host is in front of it. Here it is not.
 */
export function handOverForm(ctx: Context, form: Buffer): void {
  silenceWarning();
  (ctx.req as IncomingMessage & { body?: Buffer }).body = form;
}

let isSilenced = false;

function silenceWarning(): void {
  if (isSilenced) return;
  isSilenced = true;
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('already parsed request body detected')) return warn(...words);
    console.warn = warn;
  };
}
