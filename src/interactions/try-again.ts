import { randomInt } from 'node:crypto';
import type { Context } from 'koa';
import type { Paths } from '../http/index.ts';

/** Where a page that could not be served goes on by itself, and after how many seconds. */
export interface TryAgain {
  readonly href: string;
  readonly seconds: number;
  /** A form was sent, and nothing was done with it: it comes back empty. */
  readonly wasForm: boolean;
}

const fallbackSeconds = 5;
/** So that a crowd that was refused at once does not come back at once. */
const spreadSeconds = 3;

/** Nothing where waiting does not help, or where nobody knows which page a form was on. */
export function findTryAgain(ctx: Context, status: number, paths: Paths): TryAgain | undefined {
  if (status !== 503 && status !== 429) return undefined;
  const wasForm = ctx.method !== 'GET' && ctx.method !== 'HEAD';
  const href = wasForm ? pageOfForm(ctx.path, paths) : ownPath(ctx.originalUrl);
  if (href === undefined) return undefined;
  const seconds = Number(ctx.response.get('Retry-After')) || fallbackSeconds;
  return { href, seconds: seconds + randomInt(spreadSeconds), wasForm };
}

/** The page of the flow shows the step that comes next, whatever was sent before. */
function pageOfForm(path: string, { interactions, account }: Paths): string | undefined {
  if (path.startsWith(`${interactions}/`))
    return path
      .split('/')
      .slice(0, interactions.split('/').length + 1)
      .join('/');
  return path === account || path.startsWith(`${account}/`) ? account : undefined;
}

/** Never an address of somebody else (`//host`, `/\\host`): whoever made the link chose it. */
function ownPath(target: string): string | undefined {
  const here = 'http://here.invalid';
  const url = URL.parse(target, here);
  return url?.origin === here && !url.pathname.startsWith('//') ? url.pathname + url.search : undefined;
}
