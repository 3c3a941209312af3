import type { IncomingMessage } from 'node:http';

/** What of a request decides, of whatever kind it is. */
export interface RequestInfo {
  readonly method: string | undefined;
  readonly path: string;
  readonly authorization: string | undefined;
}

export function nodeRequestInfo(req: IncomingMessage & { originalUrl?: string }): RequestInfo {
  // Express cuts the mount path from `url` and keeps the whole in `originalUrl`, as Koa's mount does.
  const [path = '/'] = (req.originalUrl ?? req.url ?? '/').split('?', 1);
  return { method: req.method, path, authorization: req.headers.authorization };
}

export function fetchRequestInfo(request: Request): RequestInfo {
  const authorization = request.headers.get('authorization') ?? undefined;
  return { method: request.method, path: new URL(request.url).pathname, authorization };
}
