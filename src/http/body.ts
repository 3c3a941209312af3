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
export class BodyNotKept extends Error {
  readonly error = 'server_error';
  readonly error_description =
    'the body of this request was read before it came here, and not kept: mount the authorization server before whatever reads bodies, or leave what was read in req.body';

  constructor() {
    super('the body was read by something mounted in front, which left nothing in req.body');
  }
}

class BodyTooLarge extends Error {
  readonly status = 413;
  readonly error = 'invalid_request';
  readonly error_description = `the body is larger than ${maxBodyBytes} bytes`;
}

/**
 * Behind a body parser of a host the stream is at its end, and what it held is somewhere as text, bytes, or an object of
 * whatever shape (R110). From here on it is bytes in `req.body`, as they might have been sent: oidc-provider 9.13 and
 * `keptBody` read those. Throws where nothing was kept: an empty form would be refused with a sentence about the client.
 */
export function restoreBody(ctx: Context): void {
  const isForm = Boolean(ctx.is(formType));
  if (!ctx.req.readableEnded || !(isForm || ctx.is('json'))) return;
  const parsers = [ctx.req as Parsed, ctx.request as Parsed];
  const kept = parsers.flatMap(({ rawBody, body }) => [rawBody, body].map((each) => asSent(each, isForm)));
  const body = ctx.request.length === 0 ? Buffer.alloc(0) : kept.find((each) => each !== undefined);
  // Some parsers leave `{}` for what they did not read.
  if (!body || (isForm && body.length === 0 && ctx.request.length !== 0)) throw new BodyNotKept();
  if (body.length > maxBodyBytes) throw new BodyTooLarge();
  handOverBody(ctx, body);
}

/** What was read before us, by the host or by ourselves; nothing while the stream is still to be read. */
export function keptBody(req: IncomingMessage): Buffer | undefined {
  const { body } = req as Parsed;
  return req.readableEnded && Buffer.isBuffer(body) ? body : undefined;
}

/**
 * A body that we read already: oidc-provider 9.13 takes `req.body` where the stream was consumed (lib/shared/
 * selective_body.js), and warns once a process that a parser is in front of it, which here is taken care of. Koa's own
 * parsers, if one is between us and the provider, leave alone what has a body already.
 */
export function handOverBody(ctx: Context, body: Buffer): void {
  silenceWarning();
  for (const each of [ctx.req, ctx.request] as Parsed[]) each.body = body;
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
