import { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';

/** As much of a body as oidc-provider 9.13 reads. */
const maxBytes = 56 * 1024;

/**
 * A public client that authenticates with its id and an empty secret (`Authorization: Basic base64("id:")`) means
 * `none` (R57): Go's oauth2 tries that first, and stock oidc-provider answers 400. The header goes and the id moves
 * to the body, where `none` expects it (RFC 6749 §2.3.1, §3.2.1). A confidential client gains nothing: without its
 * secret it is refused, as before.
 *
 * The provider reads the body from the stream and warns when somebody did before. So it gets the same request again,
 * from memory; that costs the few requests that have such a header, and no other.
 */
export function acceptEmptySecrets(paths: readonly string[]): Middleware {
  return async function emptySecret(ctx, next) {
    const clientId = paths.includes(ctx.path) ? clientIdOfEmptySecret(ctx.get('Authorization')) : undefined;
    if (clientId === undefined || !ctx.is('application/x-www-form-urlencoded')) return next();
    const body = await readBody(ctx.req).catch(() => ctx.throw(400, 'the request ended early'));
    const named = new URLSearchParams(body.toString('latin1')).getAll('client_id');
    const isConsistent = named.every((id) => id === clientId);
    if (isConsistent) delete ctx.req.headers.authorization;
    const prefix = named.length === 0 ? `client_id=${encodeURIComponent(clientId)}&` : '';
    ctx.req = replay(ctx.req, Buffer.concat([Buffer.from(prefix), body]));
    await next();
  };
}

/** The id may be form-encoded (RFC 6749 §2.3.1), or the URL of a metadata document as it is. */
function clientIdOfEmptySecret(header: string): string | undefined {
  const [, credentials = ''] = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  const [, id] = /^(https:\/\/[^\s]+|[^:\s]+):$/.exec(Buffer.from(credentials, 'base64').toString('utf8')) ?? [];
  if (!id) return undefined;
  try {
    return decodeURIComponent(id.replaceAll('+', '%20'));
  } catch {
    return undefined;
  }
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
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
function replay(req: IncomingMessage, body: Buffer): IncomingMessage {
  const again = new IncomingMessage(req.socket);
  const { method, url, httpVersion, headers } = req;
  Object.assign(again, { method, url, httpVersion, headers, complete: true });
  again.headers['content-length'] = String(body.length);
  again.push(body);
  again.push(null);
  return again;
}
