import type { IncomingMessage, ServerResponse } from 'node:http';
import { isForUs } from './paths.ts';
import type { RouteTable } from './route-table.ts';

/**
 * For hosts with routes of their own: Express and everything that takes what Express takes. Resolves with whether it
 * answered; for a request that is not ours it calls `next`, where there is one, and touches nothing.
 */
export type Middleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next?: (error?: unknown) => unknown,
) => Promise<boolean>;

type Listener = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

export function mountBehind(answer: Listener, issuer: string, { has }: Pick<RouteTable, 'has'>): Middleware {
  return async function authorizationServer(req, res, next) {
    const path = pathname(req);
    if (isForUs(issuer, path) && has(path)) {
      await answer(req, res);
      return true;
    }
    await next?.();
    return false;
  };
}

/** Express and others cut the mount path off `url`, and keep the whole in `originalUrl`. */
function pathname({ originalUrl, url = '/' }: IncomingMessage & { readonly originalUrl?: string }): string {
  const target = originalUrl ?? url;
  const path = target.startsWith('/') ? target : (URL.parse(target)?.pathname ?? '/');
  return path.split('?', 1)[0] as string;
}
