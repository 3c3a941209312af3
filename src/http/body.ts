import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';

/** As much of a body as oidc-provider 9.13 reads. */
export const maxBodyBytes = 56 * 1024;

const formType = 'application/x-www-form-urlencoded';

/** Where body parsers leave what they read: Express and those like it on the request, Koa's on its own. */
interface Parsed {
  body?: unknown;
  readonly rawBody?: unknown;
}

/** An error of the host, not of who asks: said to both, because the one who mounts us looks at the answer first. */
class BodyNotKept extends Error {
  readonly error = 'server_error';
  readonly error_description =
    'the body of this request was read before it came here, and not kept: mount the authorization server before whatever reads bodies, or leave what was read in req.body';

  constructor() {
    super('the body was read by something mounted in front, which left nothing in req.body');
  }
}

export class BodyTooLarge extends Error {
  readonly status = 413;
  readonly error = 'invalid_request';
  readonly error_description: string;

  constructor(most: number) {
    super(`the body is larger than ${most} bytes`);
    this.error_description = this.message;
  }
}

/**
 * Behind a body parser of a host the stream is at its end, and what it held is somewhere as text, bytes, or an object of
 * whatever shape (R110). From here on it is bytes in `req.body`, as they might have been sent: oidc-provider 9.13 and
 * `peekBody` read those. Throws where nothing was kept: an empty form would be refused with a sentence about the client.
 */
export function restoreBody(ctx: Context): void {
  if (!ctx.req.readableEnded) return;
  const isForm = Boolean(ctx.is(formType));
  if (!isForm && !ctx.is('json')) return;
  const parsers = [ctx.req as Parsed, ctx.request as Parsed];
  const kept = parsers.flatMap(({ rawBody, body }) => [rawBody, body].map((each) => asSent(each, isForm)));
  const body = ctx.request.length === 0 ? Buffer.alloc(0) : kept.find((each) => each !== undefined);
  // Some parsers leave `{}` for what they did not read.
  if (!body || (isForm && body.length === 0 && ctx.request.length !== 0)) throw new BodyNotKept();
  if (body.length > maxBodyBytes) throw new BodyTooLarge(maxBodyBytes);
  leaveBody(ctx, body);
}

/** What a host read before us; nothing while the stream is still to be read. */
function keptBody(req: IncomingMessage): Buffer | undefined {
  const { body } = req as Parsed;
  return req.readableEnded && Buffer.isBuffer(body) ? body : undefined;
}

/**
 * All of a body, which whoever reads next finds in the stream once more, as `change` would have it. oidc-provider 9.13 reads a
 * stream (lib/shared/selective_body.js); at the end of one it takes `req.body`, and says once a process that it would rather not.
 */
export async function peekBody(ctx: Context, most: number, change = (body: Buffer) => body): Promise<Buffer> {
  const { req } = ctx;
  let body = keptBody(req) ?? Buffer.alloc(0);
  while (body.length <= most && !isRead(req)) {
    const chunk: Buffer | null = req.read();
    if (chunk) body = Buffer.concat([body, chunk]);
    else await untilMore(req);
  }
  if (body.length > most) throw new BodyTooLarge(most);
  leaveBody(ctx, change(body));
  return body;
}

/** All is here, and its end was not told yet. */
function isRead(req: IncomingMessage): boolean {
  if (req.destroyed && !req.readableEnded) throw req.errored ?? new Error('the request ended early');
  return req.readableEnded || (req.complete && req.readableLength === 0);
}

/** Or until there will be none: without an abort signal, whose error would cost more than the whole body. */
async function untilMore(req: IncomingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const heard = () => resolve();
  for (const event of tidings) req.once(event, heard);
  await promise;
  for (const event of tidings) req.off(event, heard);
}

const tidings = ['readable', 'end', 'error', 'close'];

/** In the turn in which it was read: a stream whose end was told takes nothing back. */
function leaveBody(ctx: Context, body: Buffer): void {
  if (ctx.req.headers['content-length'] !== undefined) ctx.req.headers['content-length'] = String(body.length);
  if (!ctx.req.readableEnded) ctx.req.unshift(body);
  // Koa's own parsers, if one is between us and the provider, leave alone what has a body already.
  else for (const each of [ctx.req, ctx.request] as Parsed[]) each.body = body;
}

function asSent(kept: unknown, isForm: boolean): Buffer | undefined {
  if (typeof kept === 'string' || kept instanceof Uint8Array) return Buffer.from(kept as Uint8Array);
  if (typeof kept !== 'object' || kept === null) return undefined;
  return Buffer.from(isForm ? writeForm(kept) : JSON.stringify(kept));
}

/** A field that came more than once is a list, or an object with numbers for names (`qs`, when they are many). */
function writeForm(fields: object): string {
  if (fields instanceof URLSearchParams) return fields.toString();
  const pairs = Object.entries(fields).flatMap(([name, value]) => {
    const values = typeof value === 'object' && value !== null ? Object.values(value) : [value];
    return values.map((each) => [name, String(each)] as [string, string]);
  });
  return new URLSearchParams(pairs).toString();
}
