import type { IncomingMessage } from 'node:http';
import type { Body, BodyLimits } from './body.ts';
import { readFetchBodies } from './fetch-body.ts';
import { readNodeBodies } from './node-body.ts';

/** The parts of a request that are looked at, of whatever kind it is. */
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
  /** The application can read it, too. More than one where a parser may have seen another body than was sent. */
  readonly readBodies: (limits: BodyLimits) => Promise<readonly Body[]>;
}

/** `parsed`: what a body parser in front has left elsewhere than in `req.body`. */
export function nodeRequestInfo(req: IncomingMessage & { originalUrl?: string }, parsed?: unknown): RequestInfo {
  // Express cuts the mount path from `url` and keeps the whole in `originalUrl`, as Koa's mount does.
  const target = req.originalUrl ?? req.url ?? '/';
  const [path = '/'] = target.split('?', 1);
  const { host = '', authorization } = req.headers;
  const askedHeaders = req.headers['access-control-request-headers'] as string | undefined;
  const search = target.slice(path.length);
  const readBodies = (limits: BodyLimits) => readNodeBodies(req, parsed, limits);
  return { method: req.method, path, search, host, authorization, askedHeaders, readBodies };
}

export function fetchRequestInfo(request: Request, parsed?: unknown): RequestInfo {
  const authorization = request.headers.get('authorization') ?? undefined;
  const { pathname: path, search, host } = new URL(request.url);
  const askedHeaders = request.headers.get('access-control-request-headers') ?? undefined;
  const readBodies = (limits: BodyLimits) => readFetchBodies(request, parsed, limits);
  return { method: request.method, path, search, host, authorization, askedHeaders, readBodies };
}
