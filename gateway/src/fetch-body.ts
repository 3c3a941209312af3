import { type Body, type BodyError, type BodyLimits, parsedBody, sentBody } from './body.ts';
import { createChunks } from './chunks.ts';

/** Reads a copy: the request itself can still be read by its handler. */
export async function readFetchBodies(request: Request, parsed: unknown, limits: BodyLimits): Promise<readonly Body[]> {
  if (request.bodyUsed) return [parsedBody(parsed)];
  const bytes = await readBounded(request.clone().body, limits);
  const [type, encoding] = ['content-type', 'content-encoding'].map((name) => request.headers.get(name) ?? undefined);
  return [sentBody(bytes, type, encoding), ...(parsed === undefined ? [] : [parsedBody(parsed)])];
}

async function readBounded(
  stream: ReadableStream<Uint8Array> | null,
  { maxBodyBytes, maxBodySeconds }: BodyLimits,
): Promise<Uint8Array | BodyError> {
  const chunks = createChunks();
  const reader = stream?.getReader();
  let error: BodyError | undefined;

  /** Ends the reading. Not awaited: of two copies the one is cancelled only with the other. */
  function giveUp(reason: BodyError): void {
    error = reason;
    reader?.cancel().catch(() => {});
  }

  const timer = setTimeout(() => giveUp('too slow'), maxBodySeconds * 1000);
  try {
    for (let step = await reader?.read(); step && !step.done; step = await reader?.read()) {
      chunks.add(step.value);
      if (chunks.length > maxBodyBytes) giveUp('too long');
    }
    return error ?? chunks.take();
  } catch {
    // Its client left.
    return 'unreadable';
  } finally {
    clearTimeout(timer);
  }
}
