import { type AnswerFilter, createAnswerFilter, createRefusedAnswer, OUTDATED_HEADERS } from './answer-filter.ts';
import { GatewayError } from './gateway-error.ts';
import type { ToolsFilter } from './tools-filter.ts';

/** What is to become of the answers to requests that were let pass. */
const filters = new WeakMap<Request, ToolsFilter | undefined>();

export function keepFilter(request: Request, filter: ToolsFilter | undefined): void {
  filters.set(request, filter);
}

/** The answer without the tools that the token of the request may not call, if it is one that lists tools. */
export function filterTools(request: Request, response: Response): Response {
  if (!filters.has(request)) throw new GatewayError('IDENTITY_MISSING', 'This request did not pass `authenticate`');
  const filter = filters.get(request);
  return filter ? filterResponse(response, filter) : response;
}

function filterResponse(response: Response, filter: ToolsFilter): Response {
  const { status, statusText, body } = response;
  const own = createAnswerFilter(response.headers.get('content-type') ?? '', filter);
  if (own === undefined || body === null) return response;
  const headers = new Headers(response.headers);
  for (const name of OUTDATED_HEADERS) headers.delete(name);
  const plain = decoded(body, response.headers.get('content-encoding'));
  if (plain) return new Response(plain.pipeThrough(transformBy(own, filter)), { status, statusText, headers });
  body.cancel().catch(() => {});
  headers.set('content-type', 'application/json');
  const refused = createRefusedAnswer(filter);
  return new Response(refused.end(), { status: refused.status, headers });
}

function transformBy(own: AnswerFilter, { onRefusal }: ToolsFilter): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      try {
        controller.enqueue(own.push(chunk));
      } catch (error) {
        onRefusal(error as GatewayError);
        // Its beginning is sent: it is cut there.
        throw error;
      }
    },
    flush: (controller) => controller.enqueue(own.end()),
  });
}

/** Nothing for a coding that this runtime does not know. */
function decoded(body: ReadableStream<Uint8Array>, coding: string | null): ReadableStream<Uint8Array> | undefined {
  const name = (coding ?? 'identity').trim().toLowerCase();
  if (name === 'identity') return body;
  try {
    // The cast: what it knows is for the runtime to say.
    const format = (name === 'x-gzip' ? 'gzip' : name) as ConstructorParameters<typeof DecompressionStream>[0];
    return body.pipeThrough(new DecompressionStream(format) as ReadableWritablePair<Uint8Array, Uint8Array>);
  } catch {
    return undefined;
  }
}
