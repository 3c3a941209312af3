import type { Context } from 'koa';
import { type Paths, pageOfForm } from '../http/index.ts';

/** What a page that could not be served shows by itself, and after how many seconds. */
export interface TryAgain {
  /** Absent: itself, at the address at which it is; that says nothing which whoever made a link could choose. */
  readonly href?: string;
  readonly seconds: number;
}

const fallbackSeconds = 5;

/** Nothing where waiting does not help, or where nobody knows which page a form was on. */
export function findTryAgain(ctx: Context, status: number, paths: Paths): TryAgain | undefined {
  if (status !== 503 && status !== 429) return undefined;
  const seconds = Number(ctx.response.get('Retry-After')) || fallbackSeconds;
  if (ctx.method === 'GET' || ctx.method === 'HEAD') return { seconds };
  const href = pageOfForm(ctx.path, paths);
  return href === undefined ? undefined : { href, seconds };
}
