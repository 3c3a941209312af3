import type { IncomingMessage } from 'node:http';
import type { Asked } from './decision.ts';

export function askedByNode(req: IncomingMessage & { originalUrl?: string }): Asked {
  // Express cuts the mount path from `url` and keeps the whole in `originalUrl`, as Koa's mount does.
  const [path = '/'] = (req.originalUrl ?? req.url ?? '/').split('?', 1);
  return { method: req.method, path, authorization: req.headers.authorization };
}

export function askedByFetch(request: Request): Asked {
  const authorization = request.headers.get('authorization') ?? undefined;
  return { method: request.method, path: new URL(request.url).pathname, authorization };
}
