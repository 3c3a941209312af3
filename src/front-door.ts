import type { RequestListener, Server } from 'node:http';

/** Where requests go: to nobody yet, to the application, or away. What is decided first stays. */
export interface FrontDoor {
  /** From now on `answer` answers, those first that have waited. */
  open(answer: RequestListener): void;
  /** There will be no application: who waits, and who still comes, may try again later. */
  shut(): void;
}

/**
 * Stands in a server from before it listens. It must listen before there is an application (with `PORT=0` the issuer
 * contains the port that was found), and a request that no listener hears is never answered, nor does it ever end.
 */
export function createFrontDoor(http: Server): FrontDoor {
  const { promise, resolve } = Promise.withResolvers<RequestListener>();
  const wait: RequestListener = async (request, response) => (await promise)(request, response);
  http.on('request', wait);

  function lead(answer: RequestListener): void {
    if (!http.listeners('request').includes(wait)) return;
    http.off('request', wait).on('request', answer);
    resolve(answer);
  }

  return { open: lead, shut: () => lead(sendAway) };
}

const retryAfterSeconds = 5; // the time of a restart, generously

const sendAway: RequestListener = (_request, response) => {
  response.writeHead(503, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Retry-After': retryAfterSeconds,
    Connection: 'close',
  });
  response.end('{"error":"temporarily_unavailable","error_description":"the server is not running, try again soon"}');
};
