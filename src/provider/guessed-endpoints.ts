import type { Context } from 'koa';
import { type Endpoint, useTarget } from '../http/index.ts';
import { createRoutes, guessedRoutes } from './routes.ts';

/** The endpoints where tools guess them (R95): the page redirects, so that its cookies and forms stay where they are; the others are the same. */
export function guessedEndpoints(issuer: string, endpoints: readonly Endpoint[]): Endpoint[] {
  const guessed = guessedRoutes(issuer);
  if (!guessed) return [];
  const routes = createRoutes(issuer);
  const redirect = (ctx: Context) => {
    // RFC 9110 §15.4.8: the same method, and the same form.
    ctx.status = 307;
    ctx.set({ Location: `${routes.authorization}${ctx.search}`, 'Cache-Control': 'no-store' });
    ctx.body = '';
  };
  const same = (path: string, there: string) =>
    endpoints.filter((each) => each.path === there).map((each) => ({ ...each, path, before: at(there, each.before) }));
  return [
    { name: 'authorization', path: guessed.authorization, methods: ['GET', 'POST'], handler: redirect },
    ...same(guessed.token, routes.token),
    ...same(guessed.registration, routes.registration),
  ];
}

/** oidc-provider answers at its own route only. */
function at(path: string, before: Endpoint['before']): NonNullable<Endpoint['before']> {
  return (ctx) => {
    useTarget(ctx, path);
    return before?.(ctx);
  };
}
