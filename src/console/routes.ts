import type { Context } from 'koa';
import { type ClientAddress, type Endpoint, pathOfIssuer } from '../http/index.ts';
import { type ConsoleEndpoints, type ConsoleRequest, maxBodyBytes } from './request-handlers.ts';
import { type ConsoleResponse, unavailable } from './responses.ts';

interface Parts {
  readonly issuer: string;
  readonly clientAddress: ClientAddress;
  readonly handlers: ConsoleEndpoints;
}

/** What a console calls. */
export function consoleEndpoints({ issuer, clientAddress, handlers }: Parts): Endpoint[] {
  const base = `${pathOfIssuer(issuer)}/oauth/directory`;
  const challenge = `${base}/challenges/:challenge`;

  /** Reads no more than the handler takes, and one byte, by which it sees that there was more. */
  const serve = (handle: (request: ConsoleRequest) => Promise<ConsoleResponse>, maxBytes: number) =>
    async function serveConsole(ctx: Context) {
      const request = {
        authorization: ctx.get('Authorization') || undefined,
        contentType: ctx.get('Content-Type') || undefined,
        body: await readUpTo(ctx, maxBytes + 1),
        address: clientAddress(ctx),
        challenge: ctx.params?.challenge ?? '',
      };
      const { status, headers, body } = await handle(request).catch(answerUnavailable);
      ctx.status = status;
      ctx.set(headers);
      ctx.body = body;
      // The rest of it would be taken for the next request.
      if (request.body.length > maxBytes) ctx.set('Connection', 'close');
    };
  const row = (path: string, method: string, handler: Endpoint['handler']): Endpoint => ({
    name: 'console',
    path,
    methods: [method],
    ...(handler && { handler }),
  });

  return [
    row(challenge, 'GET', serve(handlers.describeChallenge, 0)),
    row(`${challenge}/accept`, 'POST', serve(handlers.acceptChallenge, maxBodyBytes.answer)),
    row(`${challenge}/reject`, 'POST', serve(handlers.rejectChallenge, maxBodyBytes.answer)),
    row(`${base}/events`, 'POST', serve(handlers.receiveEvents, maxBodyBytes.events)),
  ];
}

/** A program reads this, whatever it says it accepts: never a page. */
function answerUnavailable(error: Error & { readonly status?: number }): ConsoleResponse {
  if (error.status === 503) return unavailable;
  throw error;
}

async function readUpTo(ctx: Context, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(chunks);
}
