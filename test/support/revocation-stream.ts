import { readServerEvents, type ServerEvent } from '../../gateway/src/server-events.ts';
import { basic, gateway } from './gateway-policy.ts';

export interface Told {
  readonly cursor: string;
  readonly entry: Record<string, unknown>;
}

export async function openStream(
  issuer: string,
  lastEventId?: string,
  { client = gateway, resource }: { client?: typeof gateway; resource?: string } = {},
) {
  const leave = new AbortController();
  const response = await fetch(
    `${issuer}/oauth/revocations${resource === undefined ? '' : `?${new URLSearchParams({ resource })}`}`,
    {
      headers: { ...basic(client), ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }) },
      signal: leave.signal,
    },
  );
  const events = readServerEvents(response.body as ReadableStream<Uint8Array>, () => undefined);
  const nextEvent = async (): Promise<ServerEvent> => {
    const { value, done } = await events.next();
    if (done || !value) throw new Error('the stream has ended');
    return value.event === 'message' ? nextEvent() : value;
  };

  async function next(): Promise<Told> {
    const { event, id = '', data } = await nextEvent();
    return event === 'revoked' ? { cursor: id, entry: JSON.parse(data) } : next();
  }

  return {
    response,
    /** The next entry; waits for it. */
    next,
    /** The entries up to the next word that nothing is missing. */
    async untilCurrent() {
      const told: Told[] = [];
      for (let event = await nextEvent(); event.event !== 'current'; event = await nextEvent()) {
        told.push({ cursor: event.id ?? '', entry: JSON.parse(event.data) });
      }
      return told;
    },
    /** Resolves when the server has ended it; rejects when something is told before. */
    async ended() {
      for await (const { event, data } of events) {
        if (event === 'revoked') throw new Error(`it has not ended: ${data}`);
      }
    },
    [Symbol.asyncDispose]: async () => leave.abort(),
  };
}
