import { createHash } from 'node:crypto';
import Router from '@koa/router';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { Context, Next } from 'koa';
import type { People } from './people.ts';

export interface DirectoryParts {
  readonly issuer: string;
  /** Of this directory, as the authorization server knows it. */
  readonly url: string;
  readonly people: People;
}

/** The three questions of the authorization server. */
export function createDirectory({ issuer, url, people }: DirectoryParts) {
  const router = new Router({ prefix: '/internal/directory' });
  const keys = createRemoteJWKSet(new URL(`${issuer}/oauth/jwks`));

  /** Nobody else may ask: signed by the authorization server, for this directory, for this purpose, within the minute. */
  async function checkCaller(ctx: Context, next: Next) {
    const [, token = ''] = /^Bearer (.+)$/.exec(ctx.get('Authorization')) ?? [];
    const expected = { issuer, audience: url, typ: 'directory+jwt', requiredClaims: ['exp'], clockTolerance: 10 };
    // The algorithm that it signs with by default.
    const isOurs = await jwtVerify(token, keys, { ...expected, algorithms: ['ES256'] }).catch(() => undefined);
    if (!isOurs) ctx.throw(401);
    return next();
  }

  router.get('/accounts/:id', checkCaller, (ctx) => {
    const account = people.find(ctx.params.id ?? '');
    answer(ctx, account && { id: account.id, email: account.email, name: account.name, disabled: account.disabled });
  });

  router.get('/accounts/:id/memberships', checkCaller, (ctx) => {
    const { id = '' } = ctx.params;
    answer(ctx, people.find(id) && people.memberships(id));
  });

  router.get('/accounts/:id/memberships/:organization', checkCaller, (ctx) => {
    const { id = '', organization } = ctx.params;
    answer(
      ctx,
      people.memberships(id).find((each) => each.organization.id === organization),
    );
  });

  return router.routes();
}

/** 404 when there is no such thing, 304 when it is what the caller has already. */
function answer(ctx: Context, found: object | undefined): void {
  if (!found) ctx.throw(404);
  ctx.status = 200;
  ctx.body = found;
  ctx.etag = createHash('sha256').update(JSON.stringify(found)).digest('base64url');
  if (ctx.fresh) ctx.status = 304;
}
