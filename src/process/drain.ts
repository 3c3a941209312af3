import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections become idle at any moment; a byte that was under way when the stop came has arrived after this long. */
const idleCheckMs = 50;

/** Stops accepting and finishes what runs; resolves when no connection is left, with the number of those that were cut. */
type Drain = (timeoutMs: number) => Promise<number>;

/**
 * To be called before the server listens: the connections that matter are those of which Node tells nothing. One on which
 * nothing, or half a request, ever came is not idle to it, and the time-outs for such end when the server is closed
 * (Node 24), so that Node alone would wait for ever.
 */
export function createDrain(http: Server): Drain {
  const open = new Set<Socket>();
  http.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });

  return async function drain(timeoutMs) {
    let cut = 0;
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    // A client that keeps its connection would come again and again: the answer it waits for is the last one.
    http.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    http.close(() => resolve());
    const idleCheck = setInterval(() => {
      http.closeIdleConnections();
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    }, idleCheckMs);
    const timeout = setTimeout(() => {
      cut = open.size;
      for (const socket of open) socket.destroy();
    }, timeoutMs).unref();

    await closed;
    clearInterval(idleCheck);
    clearTimeout(timeout);
    return cut;
  };
}
