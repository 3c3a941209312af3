import type { IncomingMessage } from 'node:http';

/** What of a request decides, of whatever kind it is. */
export interface RequestInfo {
  readonly method: string | undefined;
  readonly path: string;
  /** `?…`, or empty. */
  readonly search: string;
  /** As the client says it: believed only where it changes nothing. */
  readonly host: string;
  readonly authorization: string | undefined;
  /** The `Access-Control-Request-Headers` of a preflight. */
  readonly askedHeaders: string | undefined;
}

export function nodeRequestInfo(req: IncomingMessage & { originalUrl?: string }): RequestInfo {
  // Express cuts the mount path from `url` and keeps the whole in `originalUrl`, as Koa's mount does.
  const target = req.originalUrl ?? req.url ?? '/';
  const [path = '/'] = target.split('?', 1);
  const { host = '', authorization } = req.headers;
  const askedHeaders = req.headers['access-control-request-headers'] as string | undefined;
  return { method: req.method, path, search: target.slice(path.length), host, authorization, askedHeaders };
}

export function fetchRequestInfo(request: Request): RequestInfo {
  const authorization = request.headers.get('authorization') ?? undefined;
  const { pathname: path, search, host } = new URL(request.url);
  const askedHeaders = request.headers.get('access-control-request-headers') ?? undefined;
  return { method: request.method, path, search, host, authorization, askedHeaders };
}
